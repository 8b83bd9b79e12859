// Shopware's checkout: its cart.
hold(async () => calls.startedCheckout({ ...(await cart()), back: page.home }));
