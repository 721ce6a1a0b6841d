// Pictures in motion: live channels and films, on the player P of this box (html5.js, mag.js, ctc.js or ipanel.js).
// VIDEO: url, at (seconds to begin at), film (its id, or 0), live, rect (x, y, w, h), still, words, and hls (address of
// hls.js) or join (number of a multicast channel) where a player needs them.
// P: there, open(), play(), pause(), seek(s), at(), len() (seconds, 0 unknown), paused(), stop(), tick() (each second;
// true while it has words of its own on the screen). It tells by begun_now(), ended() and failed().
var opened=+new Date,kept=opened,saved=0,over=0,broken=0;
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
// The picture moves: some boxes give the keys to it.
function begun_now(){
  broken=0;
  if(window.focus)window.focus();
}
function ended(){
  if(over)return;
  stopped();
  if(!VIDEO.live)act(KEYS[''].B);
  // A channel that ends goes on; one that ends at once must not keep the box busy.
  else setTimeout(function(){if(!over)P.open()},2e3);
}
// It cannot be played: words say what to do, and a still stands in for the picture.
function failed(){
  var words=VIDEO.words[VIDEO.live?5:3];
  if(over)return;
  broken=1;
  still();
  if($('v_label'))label(words);
  else tell(words);
}
function still(){
  var e=$('hole');
  if(e&&VIDEO.still)e.innerHTML='<img alt="" width='+VIDEO.rect[2]+' height='+VIDEO.rect[3]+' src="'+VIDEO.still+'">';
}
// Keys of a film: play (go on, halt, or try again) and seek:±seconds.
function film(t){
  var a=t.split(':');
  if(!P.there)return;
  if(a[0]=='play'){
    if(broken)retry();
    else if(P.paused())P.play();
    else P.pause();
  }
  else if(a[0]=='seek')P.seek(Math.max(0,Math.min((P.len()||1e9)-1,P.at()+ +a[1])));
  else return;
  watch();
}
function retry(){
  broken=0;
  say('hole','');
  tell('');
  P.open();
}
function shown(s){
  s=Math.floor(s||0);
  return two(Math.floor(s/60))+':'+two(s%60);
}
function progress(){
  var e=$('v_bar'),n=P.len();
  if(e&&n)e.style.width=Math.round(e.parentNode.offsetWidth*P.at()/n)+'px';
  if(!n)return;
  say('v_at',shown(P.at()));
  say('v_len',shown(n));
  say('v_state',VIDEO.words[P.paused()?1:0]);
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
  var now=+new Date,busy=P.paused()||now-Math.max(lt,opened)<5e3,told=P.tick();
  if(!told&&!broken&&now-opened>5e3)label('');
  if(VIDEO.live)return;
  if(!ly){
    vis('x_'+FOCUS,busy);
    vis('hb',busy&&!told_words);
  }
  // After the strip is shown: a bar that is hidden has no width to go by.
  if(busy)progress();
  if(now-kept>1e4){
    kept=now;
    stopped();
  }
}
if(VIDEO.url||VIDEO.join){
  if(P.there){
    P.open();
    setInterval(watch,1e3);
  }
  else still();
}
else still();
