// The player of MAG boxes: gSTB, or stbPlayerManager where gSTB cannot play. See film.js for what a player is.
var P=(function(){
  var g=window.gSTB,m=window.stbPlayerManager,old=g&&g.Play,halted=0,placed=0;
  m=m&&m.list&&m.list[0];
  function subtitles(on){
    if(old&&g.SetSubtitles)g.SetSubtitles(!!on);
  }
  function begin(){
    subtitles(VIDEO.subs);
    if(!placed&&VIDEO.at)P.seek(VIDEO.at);
    placed=1;
    begun_now();
  }
  // Tracks known, playing: the place is set when there is something to set it in.
  function happened(code){
    code=+code;
    if(code==1)ended();
    // The stream was lost: it goes on where it was.
    else if(code==129&&!over){
      VIDEO.at=VIDEO.live?0:P.at();
      P.open();
    }
    else if(code==4)begin();
    else if(code==5)failed();
  }
  function window_old(r){
    if(g.SetTopWin)g.SetTopWin(0);
    if(r[2]<1280&&g.SetViewport)g.SetViewport(r[2],r[3],r[0],r[1]);
    else if(g.SetPIG)g.SetPIG(r[2]<1280?0:1,r[2]<1280?Math.round(256*r[2]/1280):-1,r[0],r[1]);
  }
  function open_old(){
    if(!window.stbEvent)window.stbEvent={};
    stbEvent.onEvent=happened;
    if(g.InitPlayer)g.InitPlayer();
    window_old(VIDEO.rect);
    g.Play('ffmpeg '+absolute(VIDEO.url));
  }
  function open_new(){
    var r=VIDEO.rect;
    m.onPlayStart=begin;
    m.onPlayEnd=ended;
    m.onPlayError=failed;
    m.fullscreen=r[2]>=1280;
    if(r[2]<1280)m.viewport={x:r[0],y:r[1],width:r[2],height:r[3]};
    m.play({uri:absolute(VIDEO.url),solution:'auto'});
  }
  return{
    there:old||m,
    open:function(){
      halted=placed=0;
      if(old)open_old();
      else open_new();
    },
    play:function(){
      halted=0;
      if(old)g.Continue();
      else m.resume();
    },
    pause:function(){
      halted=1;
      if(old)g.Pause();
      else m.pause();
    },
    seek:function(s){
      if(old)g.SetPosTime(Math.round(s));
      else m.position=Math.round(s);
    },
    at:function(){return+(old?g.GetPosTime&&g.GetPosTime():m.position)||0},
    len:function(){return+(old?g.GetMediaLen&&g.GetMediaLen():m.duration)||0},
    paused:function(){return halted},
    stop:function(){
      if(old)g.Stop();
      else m.stop();
    },
    tick:function(){},
    subtitles:subtitles
  };
})();
