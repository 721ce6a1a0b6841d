// Pictures in motion: live channels and films in a browser that has <video>; with hls.js where it lacks HLS itself.
var VIDEO=window.VIDEO||{},player=document.getElementById('video');
function loaded(src,then){
  var s=document.createElement('script');
  s.src=src;
  s.onload=then;
  document.body.appendChild(s);
}
function started(){
  if(VIDEO.at)player.currentTime=VIDEO.at;
  var p=player.play();
  // A browser may forbid sound before the first key; the picture comes first.
  if(p&&p['catch'])p['catch'](function(){player.muted=!0;player.play()['catch'](function(){})});
}
function open_video(){
  if(!player||!VIDEO.url||!player.canPlayType)return;
  if(!/m3u8/.test(VIDEO.url)||player.canPlayType('application/vnd.apple.mpegurl')){
    player.src=VIDEO.url;
    player.onloadedmetadata=started;
  }
  else loaded('/static/vendor/hls.min.js',function(){
    if(!window.Hls||!Hls.isSupported())return;
    var h=window.hls=new Hls({maxBufferLength:20});
    h.loadSource(VIDEO.url);
    h.attachMedia(player);
    h.on(Hls.Events.MANIFEST_PARSED,started);
  });
}
function shown(s){
  s=Math.floor(s||0);
  return two(Math.floor(s/60))+':'+two(s%60);
}
function media(t){
  var a=t.split(':');
  if(!player||!player.play)return;
  if(a[0]=='play')player.paused?player.play():player.pause();
  else if(a[0]=='seek')player.currentTime=Math.max(0,Math.min(player.duration||0,player.currentTime+ +a[1]));
  progress();
}
function progress(){
  var e=$('v_bar'),n=player.duration||0;
  say('v_at',shown(player.currentTime));
  say('v_len',shown(n));
  say('v_state',player.paused?'已暂停':'正在播放');
  if(e&&n)e.style.width=Math.round(VIDEO.bar*player.currentTime/n)+'px';
}
function stopped(){
  if(VIDEO.film&&player.currentTime)send('POST','/seen','asset='+VIDEO.film+'&at='+Math.floor(player.currentTime));
}
open_video();
if(player&&VIDEO.film){
  setInterval(progress,1e3);
  setInterval(stopped,1e4);
  player.onended=function(){stopped();act(KEYS[''].B)};
}
