// SuiteCommerce: its extension leaves in `companion` the application's container of components and {email, first_name,
// last_name} of a shopper who is logged in; of nobody else anything is told. A component may be missing.
companion.container = before?.container;
const component = (name) => before?.customer && before.container.getComponent(name);
const described = (item, more) =>
  item && {
    id: `${(item.matrix_parent || item).internalid}`,
    variant_id: `${item.internalid}`,
    sku: item.itemid,
    name: item.keyMapping_name || item.displayname,
    price: item.keyMapping_price,
    url: item.keyMapping_url && location.origin + item.keyMapping_url,
    image: item.keyMapping_thumbnail?.url,
    ...more,
  };
const line = ({ item, quantity, rate }) => described(item, { quantity, price: rate });

who = () => before?.customer || {};

// Several children fit until the last option is chosen.
calls.described = () => {
  const pdp = component("PDP");
  const item = pdp?.getItemInfo()?.item;
  const [child, another] = (item && pdp.getSelectedMatrixChilds()) || [];
  return described(child && !another ? { ...item, ...child, matrix_parent: item } : item);
};

const cart = async () => {
  const items = (await component("Cart").getLines()).map(line);
  const { total } = await component("Cart").getSummary();
  return { items, total, currency: component("Environment").getSession().currency.code };
};

component("Cart")?.on("afterAddLine", safely(async (added) => companion.restores || calls.addedToCart(line(added.line), await cart())));
