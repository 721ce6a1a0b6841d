"""The small page that reads what only the box's browser knows, and goes on with it to /portal/enter.

Objects and keys are those of portal-ctc.md §7 and portal-ministra.md §11. Each is read in a try of its own: one that is
missing, or throws, leaves the others. What the box itself tells counts more than what stood in the address.
"""

import re
from collections.abc import Mapping
from typing import Final

from middleware.web.values import Response

ASKED: Final = "asked"
"""Query field of a box that comes back from the entry page."""
ENTER: Final = "/portal/enter"
NAMES: Final = ("mac", "serial", "card", "user", "servicegroup", "poid", "family", "dialect")
_VALUE: Final = re.compile(r"[0-9A-Za-z@._:\-]{1,64}")
_PAGE: Final = """<!DOCTYPE html>
<html lang=zh><head><meta charset=utf-8><meta name=page-view-size content="1280*720"><title>正在打开</title></head>
<body style="background:#2a0f11;color:#ffefd8;font-size:38px"><p style="margin:300px 80px">正在打开，请稍候</p>
<script>
var w=window,n=navigator,o=[],j={},q={%s},s='',k;
function put(k,v){v+='';if(v&&v!='undefined'&&v!='null'&&v!='NaN'&&!j[k])j[k]=v.slice(0,64)}
function keys(f){put('user',f('UserID'));put('serial',f('STBID'));put('mac',f('mac'))}
try{put('card',CA.card.serialNumber)}catch(e){}
try{put('card',hardware.smartCard.serialNumber)}catch(e){}
try{put('serial',hardware.STB.serialNumber)}catch(e){}
try{put('mac',network.ethernets[0].MACAddress)}catch(e){}
try{put('servicegroup',parseInt(VOD.server.nodeGroupId,10))}catch(e){}
try{put('mac',gSTB.GetDeviceMacAddress())}catch(e){}
try{put('serial',gSTB.GetDeviceSerialNumber())}catch(e){}
try{put('model',(gSTB.GetDeviceModelExt||gSTB.GetDeviceModel).call(gSTB))}catch(e){}
try{keys(function(k){try{return iPanel.ioctlRead(k)}catch(e){return''}})}catch(e){}
try{keys(function(k){try{return Authentication.CTCGetConfig(k)}catch(e){return''}})}catch(e){}
try{keys(function(k){try{return Authentication.CUGetConfig(k)}catch(e){return''}})}catch(e){}
try{if(w.Authentication)o.push('Authentication')}catch(e){}
try{if(w.Utility)o.push('Utility')}catch(e){}
try{if(w.iPanel)o.push('iPanel')}catch(e){}
try{if(w.gSTB)o.push('gSTB')}catch(e){}
j.app=n.appName||'';j.vendor=n.vendor||'';j.obj=o.join('.');j.asked=1;
for(k in j)q[k]=j[k];
for(k in q)s+=(s?'&':'?')+k+'='+encodeURIComponent(q[k]);
location.replace('%s'+s);
</script>
<noscript><meta http-equiv=refresh content="0;url=%s?%sasked=1"></noscript></body></html>
"""


def entry_page(query: Mapping[str, str]) -> Response:
    """The page for a box whose address said this much; names in it that are not plain are left out."""
    kept = {name: query[name] for name in NAMES if _VALUE.fullmatch(query.get(name, ""))}
    told = ",".join(f"{name}:'{value}'" for name, value in kept.items())
    plain = "".join(f"{name}={value}&" for name, value in kept.items())
    return Response(200, (_PAGE % (told, ENTER, ENTER, plain)).encode())
