var V=FD?FD.v:'',ly='',lk,lt=+new Date,kd,bz=0
function $(i){return document.getElementById(i)}
function vis(i,s){if(i=$(i))i.style.display=s?'block':'none'}
function say(i,h){if(i=$(i))i.innerHTML=h}
function bar(s){vis('x_'+FOCUS,s)
vis('h_'+(ZN[FOCUS]||'main'),s)}
function mv(i){var e=$(FOCUS),a=CAP[i]||[],j
e.className=e.className.replace(' on','')
bar()
e=$(FOCUS=i)
e.className+=' on'
bar(1)
for(j=0;j<a.length;j++)say('cap'+j,a[j])}
function go(f){var n=+new Date
if(n-bz>3e3){bz=n
probe(f)}}
function bad(v){for(var i=0;i<v.length;)if(!FD.p.test(v.slice(0,++i)))return i
return 0}
function full(){return FD&&V.length==FD.n}
function put(v){var i=0,b=bad(v),n=v.length,d
for(V=document.F.number.value=v;d=$('d'+i);d.className='d '+(++i==b?'e':i<=n?'v':i>n+1?'':b?'m':'n'))d.innerHTML=v.charAt(i)
say('msg',(b?FD.e[b]:FD.m[(d=full())+FD.o.test(v)]).replace('#',n).replace('%',FD.n-n))
$(FD.x).className='f button'+(d?'':' off')
if(d||FOCUS==FD.x)mv(d?FD.x:'field')}
function type(k){if(k=='C')put('')
else if(k=='X')put(V.slice(0,-1))
else if(!full()&&!bad(V))put(V+k)}
function act(t){var c=t.charAt(0),r=t.slice(1),f=document.F
if(c=='>')full()?act('='+r):say('msg',FD.q.replace('%',FD.n-V.length))
else if(c==':'){vis('L_'+ly)
LAY[ly]=FOCUS
vis('L_'+(ly=r),1)
mv(LAY[r])}
else if(c=='@')mv(r)
else if(c=='#')type(r)
else if(c=='!')ext(r)
else go(function(){if(c=='/')location.href=t
else{r=r.split(' ')
f.action=r[0]
f.choice.value=r[1]
f.submit()}})}
function key(k){var t=k=='B'&&!ly&&V.length>2?':leave':KEYS[ly][k],a=(full()&&FD.f[FOCUS]||NAV[FOCUS]).split(','),n=a['UDLR'.indexOf(k)]
if(n)mv(n)
else if(t||k=='O')act(t||a[4])
else if(FD&&!ly&&(k>=0||k=='X'))type(k)}
function on(h){document['on'+h]=function(e){e=e||window.event
var c=e.which||e.keyCode,n=+new Date,k
if(CF.mg)c=e.keyCode+1e3*e.shiftKey+2e3*e.altKey
kd=kd||h=='keydown'
if(kd&&h=='keypress')return!1
k=KM[c]
if(k==null){KM[c]=''
new Image().src=CF.k+c+'&hook='+h}
if(!k)return!0
if(k!=lk||!(n-lt<CF.r[k]))lt=n,key(lk=k)
return!1}}
for(lk in CF.h)on(CF.h[lk])
