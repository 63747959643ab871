import aiohttp, json
from tests.web.test_openapi_public import *
async def test_x(listener):
    async with aiohttp.ClientSession() as h:
        for m,p,kw in [("POST","/chat/v1/sessions",{"json":{}}),("DELETE","/chat/v1/sessions",{}),("GET","/nope",{}),("GET","/kios",{})]:
            async with h.request(m, listener.url+p, **kw) as r:
                print(m,p,r.status, dict(r.headers), (await r.text())[:200])
    import requests, asyncio, time
    t=time.time()
    r=await asyncio.to_thread(lambda: requests.post(listener.url+"/chat/v1/sessions", json={}, timeout=5))
    print(r.status_code, time.time()-t, r.headers)
    r=await asyncio.to_thread(lambda: requests.post(listener.url+"/chat/v1/sessions", json={"locus":"x"}, timeout=5))
    print(r.status_code, time.time()-t, r.headers)
