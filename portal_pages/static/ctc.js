// The player of the telecom boxes: MediaPlayer, and virtual key 768 with its events. See film.js for what a player is.
var P=(function(){
  var mp,id=0,halted=0,keys;
  // A box lacks some of these, or minds the number of arguments: what it does not know must not stop the rest.
  function ask(name,a,b,c,d){
    var n=arguments.length;
    try{
      if(mp[name])return n>4?mp[name](a,b,c,d):n>3?mp[name](a,b,c):n>2?mp[name](a,b):n>1?mp[name](a):mp[name]();
    }catch(e){}
  }
  function set_up(){
    var r=VIDEO.rect,full=+(r[2]>=1280);
    try{
      mp.initMediaPlayer(id,0,full,r[3],r[2],r[0],r[1],0,0,0,0,0,0,0);
    }catch(e){
      ask('initMediaPlayer',id);
    }
    ask('setNativeUIFlag',0);
    ask('setProgressBarUIFlag',0);
    ask('setChannelNoUIFlag',0);
    ask('setAllowTrickmodeFlag',0);
    ask('setVideoDisplayMode',full);
    if(!full)ask('setVideoDisplayArea',r[0],r[1],r[2],r[3]);
  }
  function media_of(url){
    var code='nh'+(VIDEO.film||1);
    return'[{"mediaURL":"'+url+'","mediaUrl":"'+url+'","mediaCode":"'+code+'","mediaType":2,"audioType":1,"videoType":1,'+
      '"streamType":2,"drmType":1,"fingerPrint":0,"copyProtection":1,"allowTrickmode":1,"startTime":0,"endTime":20000,"entryID":"'+code+'"}]';
  }
  // Flat JSON, read by its rule and never run: {"type":"EVENT_MEDIA_END","instance_id":1,…}.
  function read(text){
    var out={},pair=/"(\w+)"\s*:\s*(?:"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?|true|false|null))/g,found;
    while(found=pair.exec(text))out[found[1]]=found[2]==null?found[3]:found[2];
    return out;
  }
  function happened(){
    var e={};
    try{e=read(''+Utility.getEvent())}catch(x){}
    if(e.instance_id!=null&&id&&e.instance_id!=id)return;
    if(e.type=='EVENT_MEDIA_END')ended();
    else if(e.type=='EVENT_MEDIA_ERROR')failed();
    else if(e.type=='EVENT_MEDIA_BEGINING'||e.type=='EVENT_FIRST_I_FRAME')begun_now();
    else if(e.type=='EVENT_PLAYMODE_CHANGE')halted=+(e.new_play_mode==1);
  }
  function listen(hook){
    var before=document[hook];
    document[hook]=function(e){
      var c=(e=e||window.event).which||e.keyCode;
      if(c!=768)return before(e);
      happened();
      return!1;
    };
  }
  try{
    mp=new MediaPlayer();
    id=mp.getNativePlayerInstanceID();
  }catch(e){}
  return{
    there:mp,
    open:function(){
      if(!keys){
        keys=1;
        listen('onkeydown');
        listen('onkeypress');
        listen('onirkeypress');
      }
      halted=0;
      set_up();
      if(VIDEO.join)ask('joinChannel',VIDEO.join);
      else{
        ask('setSingleMedia',media_of(absolute(VIDEO.url)));
        if(VIDEO.at)ask('playByTime',1,VIDEO.at,1);
        else ask('playFromStart');
      }
      ask('refreshVideoDisplay');
      // Boxes forget the window while they start.
      setTimeout(function(){
        if(!over)ask('refreshVideoDisplay');
      },1500);
    },
    play:function(){
      halted=0;
      ask('resume');
    },
    pause:function(){
      halted=1;
      ask('pause');
    },
    seek:function(s){
      halted=0;
      ask('playByTime',1,Math.round(s),1);
    },
    at:function(){return+ask('getCurrentPlayTime')||0},
    len:function(){return+ask('getMediaDuration')||0},
    paused:function(){return halted},
    stop:function(){
      if(VIDEO.join)ask('leaveChannel');
      ask('stop');
      ask('releaseMediaPlayer',id);
    },
    tick:function(){}
  };
})();
