// The teach-in: each press is sent as its raw code and does nothing else. Loaded after tv.js, whose key handlers it
// takes over; ES3. What a box reports by itself (systemevent) is no press and is not taught.
var teach_from=+new Date,teach_sent=0,teach_down=0;
function teach_tell(code){
  var f=document.F;
  // A key still held down from the page before is no answer to this one.
  if(teach_sent||+new Date-teach_from<300)return;
  teach_sent=1;
  f.action=own+'/teach';
  f.code.value=code;
  f.submit();
}
function teach_on(h){
  document['on'+h]=function(e){
    e=e||event;
    var c=e.which||e.keyCode;
    if(CF.mg)c=e.keyCode+1e3*e.shiftKey+2e3*e.altKey;
    if(h=='keydown')teach_down=1;
    if(c&&(h!='keypress'||!teach_down))teach_tell(c);
    return !1;
  };
}
function teach_wait(){
  var s=+document.F.wait.value;
  if(s&&+new Date-teach_from>s*1e3)teach_tell('w');
}
teach_on('keydown');
teach_on('keypress');
teach_on('irkeypress');
document.onsystemevent=function(){return !0};
setInterval(teach_wait,1e3);
