// Search by number keys: digits gather here and are asked for after a pause, so that typing fast loses none. Loaded
// after tv.js; ES3. What was typed by OK on the screen's keypad leaves the focus there, else the server chooses.
var find_q=CF.p.split('-')[1]||'',find_wait;
function find_to(){
  return own+'/p/search'+(find_q?'-'+find_q:'')+(lk=='O'?'?f='+FOCUS:'');
}
function find_look(){
  if(ly)find_wait=setTimeout(find_look,900);
  else act(find_to());
}
function find(k){
  if(k=='C')find_q='';
  else if(k=='X')find_q=find_q.slice(0,-1);
  else if(find_q.length<12)find_q+=k;
  say('q',find_q);
  clearTimeout(find_wait);
  // This page is being left for fewer digits: for all of them instead, or the last one would be lost with it.
  if(+new Date-bz<3e3){
    bz=+new Date+1;
    location.href=find_to();
  }
  else find_wait=setTimeout(find_look,900);
}
