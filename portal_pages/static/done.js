// A short tone when a sign-in is kept; ES3. A browser without Audio, or without leave to sound, stays silent.
if(window.Audio)try{
  var tone=new Audio('/static/tone.wav').play();
  if(tone&&tone['catch'])tone['catch'](function(){});
}catch(e){}
