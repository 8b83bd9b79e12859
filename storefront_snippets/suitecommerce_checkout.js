// SuiteCommerce's checkout: its cart.
hold(async () => component("Cart") && calls.startedCheckout(await cart()));
