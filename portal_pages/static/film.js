// Pictures in motion: live channels and films, on the player P of this box (html5.js, mag.js, ctc.js or ipanel.js).
// VIDEO: url, at (seconds to begin at, then where it is), film (its id, or 0), live, rect (x, y, w, h), still, words,
// sheets (of small pictures, beside the list), subs (1: subtitles are shown), whole (seconds that what is still on will
// last: its list grows), halt (1: it begins halted), and hls (address of hls.js) or join (number of a multicast channel)
// where a player needs them.
// P: there, open() (at VIDEO.at), play(), pause(), seek(s), at(), len() (seconds, 0 unknown), paused(), stop(), tick()
// (each second; true while it has words of its own on the screen), and subtitles(on) where it can. It tells by
// begun_now(), ended() and failed().
var opened=+new Date,kept=opened,loaded=0,moves=0,saved=0,over=0,broken=0,retried=0;
// Where a jump leads to (seconds; -1: nowhere), when the player was last told, digits of a minute or a channel.
var aim=-1,sought=0,later,more,minute='',dialled='',flash='',flashed=0,next_in=0;
function absolute(url){
  return url.charAt(0)=='/'?location.protocol+'//'+location.host+url:url;
}
// Words in place of the channel's name: the label is as wide as they are.
function label(words){
  var e=$('v_label');
  if(e&&words){
    e.innerHTML=words;
    e.style.width='auto';
    e.style.padding='0 17px';
  }
  vis('v_label',words);
}
function load(){
  loaded=+new Date;
  moves=0;
  P.open();
}
// The picture moves: some boxes give the keys to it.
function begun_now(){
  broken=0;
  moves=1;
  if(ly=='fail')act(':');
  if(window.focus)window.focus();
}
function ended(){
  var at=P.at()||VIDEO.at;
  if(over||next_in)return;
  stopped();
  if(VIDEO.live)setTimeout(function(){if(!over)load()},2e3);
  // What is still on has grown meanwhile, or will in a moment: it goes on where it ended.
  else if(VIDEO.whole>at+20){
    VIDEO.at=at;
    more=setTimeout(function(){if(!over)load()},Math.max(0,loaded+18e3-new Date));
  }
  else if(LAY.next&&!ly){
    next_in=11;
    act(':next');
  }
  else act(KEYS[''].B);
}
// It cannot be played: a layer says what to do, in a window words do, and a still stands in for the picture.
function failed(){
  var words=VIDEO.words[VIDEO.live?5:3];
  if(over)return;
  broken=1;
  retried=+new Date;
  still();
  if(LAY.fail&&!ly)act(':fail');
  else if($('v_label'))label(words);
  else tell(words);
}
function still(){
  var e=$('hole');
  if(e&&VIDEO.still)e.innerHTML='<img alt="" width='+VIDEO.rect[2]+' height='+VIDEO.rect[3]+' src="'+VIDEO.still+'">';
}
function retry(){
  broken=0;
  if(ly=='fail')act(':');
  say('hole','');
  tell('');
  load();
}
// Keys of a film: play (go on, halt, or try again), seek:±seconds, jump:digit, subtitles; of television: dial:digit.
function film(t){
  var a=t.split(':'),n=+a[1];
  if(a[0]=='dial')return dial(a[1]);
  if(!P.there)return;
  if(a[0]=='play'){
    if(broken)retry();
    else if(minute)arrive();
    else if(P.paused())P.play();
    else P.pause();
  }
  else if(a[0]=='seek'){
    minute='';
    go_to(here()+n);
  }
  else if(a[0]=='jump'){
    minute=(minute+a[1]).slice(-3);
    clearTimeout(later);
    later=setTimeout(arrive,2e3);
  }
  else if(a[0]=='subtitles'){
    VIDEO.subs=+!VIDEO.subs;
    if(P.subtitles)P.subtitles(VIDEO.subs);
    flash=VIDEO.words[VIDEO.subs?7:8];
    if(VIDEO.live)label(flash);
    flashed=+new Date;
  }
  else return;
  watch();
}
// A box takes a moment to arrive: till then the next jump begins where this one leads to. One that is told to jump
// with every repeat of a held key never arrives: it is told at once, then when the key has rested.
function here(){
  return minute?minute*60:aim<0?P.at():aim;
}
function go_to(s){
  var now=+new Date;
  aim=Math.max(0,Math.min((P.len()||1e9)-1,s));
  clearTimeout(later);
  if(now-sought>1e3)jump();
  else later=setTimeout(jump,600);
}
function jump(){
  later=0;
  sought=+new Date;
  if(!over)P.seek(aim);
}
function arrive(){
  var to=minute*60;
  minute='';
  sought=0;
  go_to(to);
}
// The digits of a channel gather in the banner and are asked for after a pause, so that typing fast loses none.
function dial(k){
  dialled=(dialled+k).slice(-4);
  say('v_num',dialled);
  say('v_name','');
  clearTimeout(later);
  later=setTimeout(function(){
    if(+dialled)act(own+'/p/tv-n'+ +dialled);
    dialled='';
  },2e3);
  watch();
}
function shown(s){
  s=Math.floor(s||0);
  return two(Math.floor(s/60))+':'+two(s%60);
}
// The small picture of where a jump leads to, above its place in the bar.
function cell(s,w,n){
  var e=$('v_cell'),at=Math.floor(s/10),i=at%60,x=Math.max(0,Math.min(w-160,Math.round(w*s/n)-80));
  var list=/^(.*\/)v\/([\w-]+)\//.exec(VIDEO.url);
  if(!e)return;
  vis('v_cell',list&&VIDEO.sheets>at/60&&(aim>=0||minute));
  if(e.style.display!='block')return;
  e.style.left=64+x+'px';
  e.style.width='160px';
  e.style.height='90px';
  e.style.borderWidth='3px';
  e.style.background='#000 url('+list[1]+'s/'+list[2]+'/sprites/'+Math.floor(at/60)+'.jpg) -'+i%10*160+'px -'+Math.floor(i/10)*90+'px';
}
function progress(){
  var e=$('v_bar'),n=P.len(),at=Math.min(here(),n),w;
  if(!e||!n)return;
  w=e.parentNode.offsetWidth;
  e.style.width=Math.round(Math.min(1,at/n)*w)+'px';
  cell(at,w,n);
  say('v_at',shown(at));
  say('v_len',shown(n));
  say('v_state',minute?VIDEO.words[6].replace('#',+minute):flash||VIDEO.words[P.paused()?1:0]);
}
// Where the household stopped, told every ten seconds while the film moves, and when it is left.
function stopped(){
  var at=Math.floor(P.there&&!over&&P.at()||0),body='asset='+VIDEO.film+'&at='+at;
  if(!VIDEO.film||!at||at==saved)return;
  saved=at;
  if(navigator.sendBeacon&&window.Blob)navigator.sendBeacon(own+'/seen',new Blob([body],{type:'application/x-www-form-urlencoded'}));
  else send('POST','/seen',body);
}
// The page is left: what it opened is closed, once.
function release(){
  if(over)return;
  stopped();
  over=1;
  try{if(P.there)P.stop()}catch(e){}
}
function watch(){
  var now=+new Date,busy=minute||dialled||P.there&&P.paused()&&!VIDEO.live||now-Math.max(lt,opened)<5e3,told=P.tick();
  if(moves&&!broken&&!VIDEO.live&&P.at()>0){
    VIDEO.at=P.at();
    if(VIDEO.halt){
      VIDEO.halt=0;
      // A list that begins later than its programme has no such place: it halts a little before its end.
      if(P.len()&&P.at()>P.len()-6)P.seek(Math.max(0,P.len()-12));
      clearTimeout(more);
      P.pause();
    }
  }
  if(!told&&!broken&&!flash&&now-opened>5e3)label('');
  if(aim>=0&&!later&&now-sought>2e3)aim=-1;
  if(now-flashed>2e3)flash='';
  if(broken&&VIDEO.live&&now-retried>3e4)retry();
  if(!ly&&VIDEO.rect[2]>1279)vis('x_'+FOCUS,busy);
  if(VIDEO.live)return;
  if(!ly)vis('hb',busy&&!told_words);
  // After the strip is shown: a bar that is hidden has no width to go by.
  if(busy)progress();
  if(next_in&&ly=='next'){
    say('nx_s',--next_in);
    if(next_in<1)act(NAV.nx_go.split(',')[4]);
  }
  if(now-kept>1e4){
    kept=now;
    stopped();
  }
}
if(VIDEO.url||VIDEO.join){
  if(P.there)load();
  else still();
  if(P.there||VIDEO.live)setInterval(watch,1e3);
}
else still();
