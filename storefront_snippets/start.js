// Last: what the page asked for before this was there, in a list that it may go on filling; the consent as it stands; and
// what only few pages need.
companion.push = ([name, ...given]) => safely(calls[name])(...given);
before?.forEach(companion.push);
if (before) before.push = companion.push;
addEventListener("pageshow", consent.update);
consent.update();
location.search.replace(/companion-(cart|debug)/g, (_, part) => load(`${settings.url}/${part}.js`));
