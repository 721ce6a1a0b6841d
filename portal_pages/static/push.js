// Second part of tv.js: what happens without a key. Uses the handler's functions; ES3, every request guarded.
var base=+new Date,began=base,due=CF.ps[0]=='long'?base:0,asked=base,missed=0,slot;
var note,noted,sheet=0,shown_at=0,ordered=0,seen=0,pending,invited,typed=V,typedAt=0,told_words='',told_at=0;
// A box that loses its cookie has its token in the address of the page: it stands before every other address too.
var own=(/^\/t\/[^\/]+/.exec(location.pathname)||[''])[0];
function carry(table){
  for(var i in table)if(table[i].replace)table[i]=table[i].replace('/p/',own+'/p/');
}
if(own){
  carry(NAV);
  for(slot in KEYS)carry(KEYS[slot]);
  for(slot in CF.t)carry(CF.t[slot]);
  if(FD)carry(FD.f);
  CF.k=own+CF.k;
  slot=null;
}
function xhr(){
  return window.XMLHttpRequest?new XMLHttpRequest():null;
}
function send(method,url,body,ok,failed){
  var x=xhr();
  if(!x)return failed&&failed();
  x.onreadystatechange=function(){
    if(x.readyState!=4)return;
    if(x.status==200||x.status==204)ok&&ok(x.responseText);
    else failed&&failed();
  };
  x.open(method,own+url,true);
  if(body)x.setRequestHeader('Content-Type','application/x-www-form-urlencoded');
  x.send(body);
}
// Words in place of the hint bar; none brings the hints back.
function tell(words){
  told_words=words;
  told_at=+new Date;
  say('hw',words);
  vis('hw',words);
  vis('hb',!words);
}
// Before each jump: the waiting words in their time, and where the browser would show its own error page a question
// to the server. A jump that a later press has overtaken is not made.
function probe(jump){
  var mine=bz;
  function later(ms,words){
    setTimeout(function(){if(bz==mine)tell(words)},ms);
  }
  function leave(){
    if(window.release)release();
    jump();
  }
  if(window.stopped)stopped();
  later(1e3,CF.w[0]);
  later(7500,CF.w[1]);
  if(!CF.pb||!xhr())return leave();
  send('GET','/ping?'+mine,null,function(){if(bz==mine)leave()},function(){
    if(bz!=mine)return;
    bz=0;
    tell(CF.w[1]);
  });
}
function ext(t){
  if(t.charAt(0)=='/'||t.charAt(0)=='=')act(t+FOCUS);
  else if(t=='accept'){
    report('accepted');
    act(own+'/p/rc-'+invited.rollcall+'?e='+invited.event);
  }
  else if(t=='dismiss'){
    report('dismissed');
    close_invitation();
  }
  else if(t=='heard')heard();
  else if(t=='read')note.lines[sheet+1]?turn(1):heard();
  else if(t=='watch')heard(note.to);
  else if(t.slice(0,5)=='find:')find(t.slice(5));
  else if(t.slice(0,6)=='sheet:')turn(+t.slice(6));
  else if(t=='retry')go(function(){location.reload()});
  else if(window.film)film(t);
  return !0;
}
// What a box reports by itself is no press, unless its code is none of the system's and one of the remote's.
var press=document.onsystemevent;
document.onsystemevent=function(e){
  var c=(e=e||window.event).which||e.keyCode;
  return CF.sy[c]?!0:press(e);
};
function two(n){return n<10?'0'+n:n}
function plain(s){
  return (''+s).replace(/&/g,'&amp;').replace(/</g,'&lt;');
}
function report(state){
  send('POST','/invite','event='+invited.event+'&state='+state);
}
function close_invitation(){
  invited=null;
  if(ly=='invite')act(':');
}
// A message of the operator: {id, html, lines: [[line, …], …], words: [next, heard], hide: seconds, boot: 0 or 1}.
// Sheet by sheet; OK turns, and on the last one says that it was read. A reminder has `to`, which 收看 opens.
function turn(by){
  var i,s=sheet+by;
  if(!note.lines[s])return;
  sheet=s;
  for(i=0;$('nt'+i);i++)say('nt'+i,plain(note.lines[s][i]||''));
  if(note.lines[1])say('nt_at',s+1+' / '+note.lines.length);
  say('nt_go',note.words[note.lines[s+1]?0:1]);
}
function heard(to){
  var done=note;
  function on(){
    if(to)act(own+to);
  }
  note=null;
  act(':');
  send('POST','/heard','event='+done.id,function(){done.boot?boot():on()},on);
}
function boot(){
  if(window.release)release();
  try{gSTB.ExecAction('reboot')}catch(e){location.href=own+'/p/home'}
}
function show(){
  var d=$('L_note')||document.createElement('div');
  note=noted;
  noted=null;
  shown_at=+new Date;
  d.id='L_note';
  d.className='ly';
  d.innerHTML=note.html;
  document.body.appendChild(d);
  NAV.nt_ok=note.to?',nt_no,,,!watch':',,,,!read';
  NAV.nt_no='nt_ok,,,,!heard';
  ZN.nt_ok=ZN.nt_no='note';
  LAY.note='nt_ok';
  KEYS.note={B:'!heard',U:'!sheet:-1',D:'!sheet:1'};
  act(':note');
  sheet=0;
  turn(0);
}
// What the operator orders: a message, a page to go to (none: this one again), a start of the box.
function order(e){
  if(e.id==ordered)return;
  ordered=e.id;
  if(e['do']=='note')noted=e;
  else if(e['do']=='boot')boot();
  else{
    if(window.release)release();
    if(e.to)location.href=own+e.to;
    else location.reload();
  }
}
// Never over unsent input, a question or a page that is just being left.
function offer(){
  if(noted&&!V&&!ly&&!bz)show();
  if(note&&note.hide&&+new Date-shown_at>note.hide*1e3)heard();
  if(!pending||V||ly||bz||!$('L_invite'))return;
  invited=pending;
  pending=null;
  seen=invited.event;
  LAY.invite='iv_ok';
  CF.cd.iv_left=invited.closes;
  say('iv_title',plain(invited.title));
  clocks();
  act(':invite');
  report('seen');
}
// The answer of /poll: {since, invite: {event, rollcall, title, closes}, withdrawn: [event, …], reload: 0 or 1,
// event: {id, do: note, go or boot, …}}.
function told(text){
  var a,i,w;
  missed=0;
  try{a=window.JSON?JSON.parse(text):eval('('+text+')')}catch(e){a={}}
  w=a.withdrawn||[];
  for(i=0;i<w.length;i++){
    if(pending&&w[i]==pending.event)pending=null;
    if(invited&&w[i]==invited.event)close_invitation();
  }
  if(a.since)CF.since=a.since;
  if(a.event){
    order(a.event);
    offer();
  }
  if(a.invite&&a.invite.event!=seen){
    pending=a.invite;
    offer();
  }
  if(a.reload)setTimeout(function(){if(!V&&!ly&&!bz)location.reload()},1e3+Math.random()*14e3);
  again();
}
// A long-poll follows the one before at once, but never within 5 s of it, and more slowly while nobody answers.
function again(){
  if(CF.ps[0]=='long')due=Math.max(asked+5e3,+new Date+Math.min(5e3*missed,6e4));
}
function poll(){
  due=0;
  asked=+new Date;
  send('GET','/poll?since='+CF.since+'&p='+CF.p+(ordered?'&m='+ordered:''),null,told,function(){
    missed++;
    again();
  });
}
function server(){
  return CF.now*1e3+(+new Date)-base;
}
function clocks(){
  var d=new Date(server()+288e5),id,s;
  say('clock',two(d.getUTCHours())+':'+two(d.getUTCMinutes()));
  for(id in CF.cd){
    s=Math.max(0,Math.floor(CF.cd[id]-server()/1e3));
    say(id,two(Math.floor(s/60))+':'+two(s%60));
  }
}
function polls(now){
  var s=Math.floor((server()/1e3-CF.ps[2])/CF.ps[1]);
  if(CF.ps[0]=='short'&&s!=slot){
    if(slot!=null&&now-asked>5e3)poll();
    slot=s;
  }
  // The second case: a request whose answer got lost.
  if(CF.ps[0]=='long'&&(due?now>due:now-asked>9e4))poll();
}
function drafts(now){
  if(V!=typed){
    typed=V;
    typedAt=now;
  }
  if(typedAt&&now-typedAt>2e3){
    typedAt=0;
    if(FD.d)send('POST',FD.d,'number='+V);
  }
}
// Timers of the page: i after so many seconds without a key, l after so many seconds on the page.
function timers(now){
  var id,t=CF.t;
  for(id in t)if(!ly&&!V&&!bz&&now-(id=='i'?lt:began)>t[id][0]*1e3){
    lt=began=now;
    act(t[id][1]);
  }
}
function tick(){
  var now=+new Date;
  clocks();
  // The label over a window goes after five seconds; a page that leaves by itself says when.
  if(now-base>5e3)vis('v_label');
  if(CF.t.l)say('leave',Math.max(0,Math.ceil(CF.t.l[0]-(now-began)/1e3)));
  if(told_words&&!bz&&lt>told_at)tell('');
  offer();
  drafts(now);
  timers(now);
  polls(now);
}
var ticking=setInterval(tick,1e3);
window.onunload=function(){
  clearInterval(ticking);
  if(window.release)release();
};
