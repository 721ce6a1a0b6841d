// The player of browsers that have <video>; with hls.js where they lack HLS itself. See film.js for what a player is.
var player=$('video'),hushed=0,begun,tries=0,lost=0,hls;
var P={
  there:player&&player.canPlayType,
  open:function(){
    var s;
    tries=begun=0;
    player.loop=VIDEO.live;
    player.onended=ended;
    player.onerror=function(){try_again(function(){player.src=VIDEO.url})};
    // Some browsers that play HLS themselves know nothing of its subtitles.
    if(!/m3u8/.test(VIDEO.url)||player.canPlayType('application/vnd.apple.mpegurl')&&!(KEYS[''].y&&window.MediaSource))
      return itself();
    if(window.Hls)return use_hls();
    s=document.createElement('script');
    s.onload=use_hls;
    s.onerror=itself;
    s.src=VIDEO.hls;
    document.body.appendChild(s);
  },
  play:function(){play()},
  pause:function(){player.pause()},
  seek:function(s){player.currentTime=s},
  at:function(){return player.currentTime||0},
  len:function(){return player.duration||0},
  paused:function(){return player.paused},
  stop:function(){player.pause()},
  subtitles:function(on){
    var i,all=player.textTracks||[];
    if(hls){
      hls.subtitleDisplay=!!on;
      hls.subtitleTrack=on?0:-1;
    }
    else for(i=0;i<all.length;i++)all[i].mode=on&&!i?'showing':'disabled';
  },
  // Sound that had to wait for a key comes with the first one.
  tick:function(){
    if(hushed&&lt>hushed){
      player.muted=!1;
      hushed=0;
    }
    // Only a picture that moves on is well again; a list alone may come from memory.
    if(tries&&!lost&&player.currentTime>(VIDEO.live?0:VIDEO.at)+8)tries=0;
    if(lost&&!VIDEO.live){
      flash=VIDEO.words[4];
      flashed=+new Date;
    }
    // hls.js forgets what was chosen before its tracks stood ready.
    if(hls&&VIDEO.subs&&hls.subtitleTracks.length&&hls.subtitleTrack<0)P.subtitles(1);
    return hushed;
  }
};
// A stream may need a moment: it is tried again, five times, before words say that there is none. A film goes on where
// it was lost, and not at its start.
function try_again(how){
  if(!VIDEO.live&&player.currentTime>1){
    VIDEO.at=Math.min(player.currentTime,(player.duration||1e9)-6);
    begun=0;
  }
  lost=1;
  if(tries++<5)setTimeout(function(){if(!over)how()},3e3);
  else failed();
}
function itself(){
  player.onloadedmetadata=start;
  player.src=VIDEO.url;
}
function start(){
  // A place at the very end, or behind it, is no place to go on.
  if(!begun&&VIDEO.at<(player.duration||1e9)-5)player.currentTime=VIDEO.at;
  begun=1;
  lost=0;
  P.subtitles(VIDEO.subs);
  begun_now();
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
// A server that restarts refuses connections for seconds, which hls.js takes for the end; 18 s are in the buffer.
function patient(){
  var again={maxNumRetry:12,retryDelayMs:500,maxRetryDelayMs:2000,shouldRetry:function(c,n,late,answer,yes){
    return yes||n<12&&!(answer&&answer.code>=400&&answer.code<500)}};
  return{'default':{maxTimeToFirstByteMs:8000,maxLoadTimeMs:20000,timeoutRetry:again,errorRetry:again}};
}
function use_hls(){
  var h;
  if(!window.Hls||!Hls.isSupported())return;
  if(hls)hls.destroy();
  h=hls=new Hls({maxBufferLength:20,playlistLoadPolicy:patient(),fragLoadPolicy:patient()});
  h.on(Hls.Events.MANIFEST_PARSED,start);
  h.on(Hls.Events.ERROR,function(_,e){
    if(!e.fatal)return;
    if(e.type=='mediaError'&&tries++<5)h.recoverMediaError();
    else try_again(function(){h.loadSource(VIDEO.url)});
  });
  h.loadSource(VIDEO.url);
  h.attachMedia(player);
}
