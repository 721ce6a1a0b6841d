// Second part of tv.js: what happens without a key. Uses the handler's functions; ES3, every request guarded.
var seen=CF.since,base=+new Date,invited,typed=V,typedAt=0,asked=0,missed=0;
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
  x.open(method,url,true);
  if(body)x.setRequestHeader('Content-Type','application/x-www-form-urlencoded');
  x.send(body);
}
// Ask before the jump, for browsers that would show their own error page.
function probe(jump){
  if(!xhr())return jump();
  send('GET','/ping?'+lt,null,jump,function(){
    say('hb',CF.w[1]);
    bz=0;
  });
}
function ext(t){
  if(t.charAt(0)=='/')act(t+FOCUS);
  else if(t=='accept')act('/p/rc-'+invited.rollcall+'?e='+invited.event);
  else if(t=='dismiss'){
    act(':');
    send('POST','/invite','event='+invited.event+'&state=dismissed');
    invited=null;
  }
  else if(t=='retry')location.reload();
  else if(window.media)media(t);
  return !0;
}
// What a box reports by itself is no press, unless its code is none of the system's and one of the remote's.
var press=document.onsystemevent;
document.onsystemevent=function(e){
  var c=(e=e||event).which||e.keyCode;
  return CF.sy[c]?ext('+'+CF.sy[c]):press(e);
};
function two(n){return n<10?'0'+n:n}
function invite(i){
  if(!$('L_invite')||bz)return;
  invited=i;
  LAY.invite='iv_ok';
  CF.cd.iv_left=i.closes;
  say('iv_title',i.title);
  act(':invite');
  tick();
  seen=i.event;
  send('POST','/invite','event='+i.event+'&state=seen');
}
// The answer of /poll: {since, invite: {event, rollcall, title, closes}, withdrawn: [event, …], reload: 0 or 1}.
function told(text){
  var a,i;
  missed=0;
  try{a=window.JSON?JSON.parse(text):eval('('+text+')')}catch(e){a={}}
  if(invited&&a.withdrawn)for(i=0;i<a.withdrawn.length;i++)if(invited&&a.withdrawn[i]==invited.event){
    invited=null;
    if(ly=='invite')act(':');
  }
  if(a.since)CF.since=a.since;
  if(a.invite&&a.invite.event!=seen)pending=a.invite;
  if(a.reload)setTimeout(function(){if(!V&&!ly)location.reload()},1e3+Math.random()*14e3);
  if(CF.ps[0]=='long')setTimeout(poll,1e3);
}
var pending;
function poll(){
  asked=+new Date;
  send('GET','/poll?since='+CF.since+'&p='+CF.p,null,told,function(){
    missed++;
    if(CF.ps[0]=='long')setTimeout(poll,Math.min(5+5*missed,60)*1e3);
  });
}
function tick(){
  var now=+new Date,server=CF.now*1e3+now-base,d=new Date(server+288e5),id,s,t=CF.t;
  say('clock',two(d.getUTCHours())+':'+two(d.getUTCMinutes()));
  for(id in CF.cd){
    s=Math.max(0,Math.floor(CF.cd[id]-server/1e3));
    say(id,two(Math.floor(s/60))+':'+two(s%60));
  }
  if(bz&&now-bz>8e3)say('hb',CF.w[1]);
  else if(bz&&now-bz>1e3)say('hb',CF.w[0]);
  if(pending&&!ly&&!V){
    s=pending;
    pending=null;
    invite(s);
  }
  if(V!=typed){
    typed=V;
    typedAt=now;
  }
  if(typedAt&&now-typedAt>2e3){
    typedAt=0;
    if(FD.d)send('POST',FD.d,'number='+V);
  }
  for(id in t)if(!ly&&!V&&now-(id=='i'?lt:base)>t[id][0]*1e3){
    lt=base=now;
    CF.now=server/1e3;
    act(t[id][1]);
  }
  if(CF.ps[0]=='short'&&d.getUTCSeconds()%CF.ps[1]==CF.ps[2]%CF.ps[1]&&now-asked>4e3)poll();
}
setInterval(tick,1e3);
if(CF.ps[0]=='long')setTimeout(poll,500);
