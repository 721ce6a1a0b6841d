// The player of iPanel boxes: media.AV, told of by onsystemevent. See film.js for what a player is.
var P=(function(){
  var av=window.media&&media.AV,halted=0,placed=0,listens;
  function ask(what){
    try{return what()}catch(e){}
  }
  // Seconds, or hours, minutes and seconds with colons.
  function seconds(told){
    var a=(''+(told||0)).split(':'),s=0,i;
    for(i=0;i<a.length;i++)s=s*60+(+a[i]||0);
    return s;
  }
  function stamp(s){
    s=Math.round(s);
    return two(Math.floor(s/3600))+':'+two(Math.floor(s/60)%60)+':'+two(s%60);
  }
  function begin(){
    var r=VIDEO.rect,v=media.video;
    if(r[2]>=1280)ask(function(){v.fullScreen()});
    else ask(function(){v.setPosition(r[0],r[1],r[2],r[3])});
    if(!placed&&VIDEO.at)ask(function(){av.seek(stamp(VIDEO.at))});
    placed=1;
    begun_now();
  }
  function happened(c){
    if(c==5202){
      ask(function(){av.play()});
      begin();
    }
    else if(c==5205)begun_now();
    else if(c==5201||c==5203||c==5204||c==5206||c==5213||c==5225)failed();
    else if(c==5210)ended();
    else if(c==5222)label(VIDEO.words[4]);
    else if(c==5223)label('');
  }
  function listen(){
    var before=document.onsystemevent;
    document.onsystemevent=function(e){
      var c=(e=e||window.event).which||e.keyCode;
      happened(c);
      return before?before(e):!0;
    };
  }
  return{
    // A window cannot be placed by every one of these browsers: without that a still stands in it.
    there:av&&av.open&&(VIDEO.rect[2]>=1280||media.video&&media.video.setPosition),
    open:function(){
      if(!listens){
        listens=1;
        listen();
      }
      halted=placed=0;
      ask(function(){iPanel.eventFrame.initPage(window)});
      ask(function(){iPanel.focus.display=0;iPanel.focus.border=0});
      ask(function(){DVB.stopAV(0)});
      av.open(absolute(VIDEO.url),/^rtsp/.test(VIDEO.url)?'VOD':'HTTP');
    },
    play:function(){
      halted=0;
      ask(function(){av.play()});
    },
    pause:function(){
      halted=1;
      ask(function(){av.pause()});
    },
    seek:function(s){
      ask(function(){av.seek(stamp(s))});
    },
    at:function(){return seconds(av.elapsed)},
    len:function(){return seconds(av.duration)},
    paused:function(){return halted},
    stop:function(){
      ask(function(){av.close()});
      ask(function(){DVB.stopAV(0)});
    },
    tick:function(){}
  };
})();
