// The extension's entry in every application: it hands the application's components to Companion's script and loads that
// once. What is told and when is decided there, so that it changes without a new release of this extension. Written in
// the JavaScript of 2009, which every release's build accepts.
define('Companion.Klaviyo', [], function () {
  'use strict';

  function load(address) {
    var script = document.createElement('script');
    script.src = address;
    script.async = true;
    document.head.appendChild(script);
  }

  return {
    mountToApp: function (container) {
      var environment = container.getComponent('Environment');
      var user = container.getComponent('UserProfile');
      var page = container.getComponent('Checkout') ? 'page=checkout' : 'page=shop';
      var address = environment && environment.getConfig('companion.script');

      function begin(profile) {
        window.companion = window.companion || [];
        window.companion.container = container;
        if (profile && profile.isloggedin) {
          window.companion.customer = {
            email: profile.email,
            first_name: profile.firstname,
            last_name: profile.lastname
          };
        }
        load(address + (address.indexOf('?') < 0 ? '?' : '&') + page);
      }

      // The page generator renders pages for search engines; nobody looks at them.
      if (!address || (environment.isPageGenerator && environment.isPageGenerator())) {
        return;
      }
      if (user) {
        user.getUserProfile().then(begin, function () { begin(); });
      } else {
        begin();
      }
    }
  };
});
