// Tells the shop's administration that the module is there; without it the shop shows an error after five seconds.
"use strict";

if (window.parent !== window) window.parent.postMessage("sw-app-loaded", "*");
