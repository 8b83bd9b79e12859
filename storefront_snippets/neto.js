// Neto: who is logged in, as the header's block states it in [data-companion=page]: {email, first_name, last_name,
// username, currency}, and the product of the product page's block, [data-companion=item], whose categories end in "|".
// The header is never kept by a cache; product blocks are, so they state no customer. A guest's session is named noreg.
const { companion: kind, username, currency, ...customer } = facts("page") || {};
const absolute = (address) => address && "" + new URL(address, location);

if (username && username !== "noreg") who = () => filled(customer);

calls.described = () => {
  const { url, image, categories = "", ...stated } = facts("item") || {};
  return { ...stated, url: absolute(url), image: absolute(image), categories: categories.split("|").slice(0, -1) };
};
