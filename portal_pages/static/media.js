// Pictures in motion: live channels and films in a browser that has <video>; with hls.js where it lacks HLS itself.
// VIDEO: url, at (seconds to begin at), film (its id, or 0), live, hls (address of hls.js), words.
var player=$('video'),opened=+new Date,kept=opened,hushed=0,begun,saved=0;
function start(){
  // A place at the very end, or behind it, is no place to go on.
  if(!begun&&VIDEO.at<(player.duration||1e9)-5)player.currentTime=VIDEO.at;
  begun=1;
  play();
}
// A browser may forbid sound before the first key: the picture comes first, and words say so.
function play(){
  var p=player.play();
  // Other errors come from a pause or a new source before the picture moved, and need nothing.
  if(p&&p['catch'])p['catch'](function(e){
    if(e.name!='NotAllowedError'||player.muted)return;
    player.muted=!0;
    hushed=+new Date;
    if($('v_label'))label(VIDEO.words[2]);
    else tell(VIDEO.words[2]);
    p=player.play();
    if(p&&p['catch'])p['catch'](function(){});
  });
  if(player.blur)player.blur();
}
function label(words){
  if(words)say('v_label',words);
  vis('v_label',words);
}
function use_hls(){
  var h,tries=0;
  if(!window.Hls||!Hls.isSupported())return;
  h=new Hls({maxBufferLength:20});
  h.on(Hls.Events.MANIFEST_PARSED,start);
  h.on(Hls.Events.ERROR,function(_,e){
    if(!e.fatal||tries++>20)return;
    if(e.type=='mediaError')h.recoverMediaError();
    else setTimeout(function(){h.loadSource(VIDEO.url)},3e3);
  });
  h.loadSource(VIDEO.url);
  h.attachMedia(player);
}
function open_video(){
  var s;
  if(!player||!VIDEO.url||!player.canPlayType)return;
  if(!/m3u8/.test(VIDEO.url)||player.canPlayType('application/vnd.apple.mpegurl')){
    player.onloadedmetadata=start;
    player.src=VIDEO.url;
    return;
  }
  s=document.createElement('script');
  s.onload=use_hls;
  s.src=VIDEO.hls;
  document.body.appendChild(s);
}
function media(t){
  var a=t.split(':');
  if(!player||!player.play)return;
  if(a[0]=='play'){
    if(player.paused)play();
    else player.pause();
  }
  else if(a[0]=='seek')player.currentTime=Math.max(0,Math.min((player.duration||0)-1,player.currentTime+ +a[1]));
  else return;
  watch();
}
function shown(s){
  s=Math.floor(s||0);
  return two(Math.floor(s/60))+':'+two(s%60);
}
function progress(){
  var e=$('v_bar'),n=player.duration||0;
  if(e&&n)e.style.width=Math.round(e.parentNode.offsetWidth*player.currentTime/n)+'px';
  if(!n)return;
  say('v_at',shown(player.currentTime));
  say('v_len',shown(n));
  say('v_state',VIDEO.words[player.paused?1:0]);
}
// Where the household stopped, told every ten seconds while the film moves, and when it is left.
function stopped(){
  var at=Math.floor(player.currentTime||0),body='asset='+VIDEO.film+'&at='+at;
  if(!VIDEO.film||!at||at==saved)return;
  saved=at;
  if(navigator.sendBeacon&&window.Blob)navigator.sendBeacon(own+'/seen',new Blob([body],{type:'application/x-www-form-urlencoded'}));
  else send('POST','/seen',body);
}
function watch(){
  var now=+new Date,busy=player.paused||now-Math.max(lt,opened)<5e3;
  if(hushed&&lt>hushed){
    player.muted=!1;
    hushed=0;
  }
  if(!hushed&&now-opened>5e3)label('');
  if(!VIDEO.film)return;
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
if(player&&player.canPlayType){
  player.loop=VIDEO.live;
  player.onended=function(){
    stopped();
    if(VIDEO.film)act(KEYS[''].B);
  };
  open_video();
  setInterval(watch,1e3);
}
