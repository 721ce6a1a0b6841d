// Search by number keys: digits gather here and are asked for after a pause, so that typing fast loses none. Loaded
// after tv.js; ES3. What was typed by OK on the screen's keypad leaves the focus there, else the server chooses.
var find_q=CF.p.split('-')[1]||'',find_wait;
function find_look(){
  var back=lk=='O'?'?f='+FOCUS:'';
  if(ly)find_wait=setTimeout(find_look,900);
  else act(own+'/p/search'+(find_q?'-'+find_q:'')+back);
}
function find(k){
  if(k=='C')find_q='';
  else if(k=='X')find_q=find_q.slice(0,-1);
  else if(find_q.length<12)find_q+=k;
  say('q',find_q);
  clearTimeout(find_wait);
  find_wait=setTimeout(find_look,900);
}
