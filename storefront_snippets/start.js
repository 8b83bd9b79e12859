// Last: the consent as it stands, what the page asked for before this was there, and what only few pages need.
companion.push = ([name, ...given]) => safely(calls[name])(...given);
addEventListener("pageshow", consent.update);
consent.update();
location.search.replace(/companion-(cart|debug)/g, (_, part) => load(`${settings.url}/${part}.js`));
before?.forEach(companion.push);
