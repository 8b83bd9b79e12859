// Tells of the theme's blocks that state something, once a day each: where, and nothing of the visitor. Which are still
// to be told, `settings.blocks` says; where none are, this file is not part of the script.
companion.ready(() =>
  settings.blocks.forEach(
    (block) =>
      facts(block)?.id &&
      navigator.sendBeacon(
        `${settings.url}/seen`,
        JSON.stringify({ block, channel: settings.channel, language: document.documentElement.lang }),
      ),
  ),
);
