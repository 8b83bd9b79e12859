// Last: the consent as it stands, what only few pages need, and what the page asked for before this was there, in a list
// that it may go on filling.
companion.push = ([name, ...given]) => safely(calls[name])(...given);
addEventListener("pageshow", consent.update);
consent.update();
location.search.replace(/companion-(cart|debug)/g, (_, part) => load(`${settings.url}/${part}.js`));
before?.forEach(companion.push);
if (before) before.push = companion.push;
