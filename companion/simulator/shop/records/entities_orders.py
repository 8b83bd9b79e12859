"""The fields of orders and of what belongs to them, in the order the API shows them.

Source: Admin API and webhooks observed on 6.6.7.1; captures, refunds and the state history: their definitions there.
"""

from companion.simulator.shop.records.entity import entity

ORDERS = (
    entity(
        "order",
        """orderNumber currencyId currencyFactor salesChannelId billingAddressId billingAddressVersionId= orderDateTime
        orderDate price>cart_price amountTotal amountNet positionPrice taxStatus shippingCosts>calculated_price
        shippingTotal !orderCustomer?order_customer/orderId currency?currency.currencyId languageId
        language?language.languageId -salesChannel?sales_channel.salesChannelId addresses*order_address/orderId
        billingAddress?order_address.billingAddressId deliveries*order_delivery/orderId
        lineItems*order_line_item/orderId transactions*order_transaction/orderId deepLinkCode -autoIncrement
        stateMachineState?state_machine_state.stateId -stateId documents* tags*tag.tagIds affiliateCode campaignCode
        customerComment -ruleIds createdById -createdBy? updatedById -updatedBy? -itemRounding>rounding
        -totalRounding>rounding source customFields id""",
        versioned=True,
        indexed="createdAt updatedAt orderDateTime orderNumber autoIncrement",
    ),
    entity(
        "order_customer",
        """email -orderId salutationId firstName lastName title vatIds company customerNumber -customerId
        -customer?customer.customerId salutation?salutation.salutationId -order?order.orderId -remoteAddress
        -orderVersionId= customFields id""",
        versioned=True,
        indexed="email customerId",
    ),
    entity(
        "order_address",
        """countryId countryStateId -salutationId firstName lastName street zipcode city company department title vatId
        phoneNumber additionalAddressLine1 additionalAddressLine2 country?country.countryId
        countryState?country_state.countryStateId -order?order.orderId salutation?salutation.salutationId
        -orderDeliveries* -orderId -orderVersionId= customFields id""",
        versioned=True,
    ),
    entity(
        "order_delivery",
        """orderId orderVersionId= shippingOrderAddressId shippingOrderAddressVersionId= shippingMethodId trackingCodes
        shippingDateEarliest shippingDateLatest shippingCosts>calculated_price
        shippingOrderAddress?order_address.shippingOrderAddressId stateId
        stateMachineState?state_machine_state.stateId shippingMethod?shipping_method.shippingMethodId
        -order?order.orderId positions* customFields id""",
        versioned=True,
        indexed="createdAt updatedAt",
    ),
    entity(
        "order_line_item",
        """orderId identifier referencedId productId promotionId quantity unitPrice totalPrice label description good
        removable coverId stackable position -price>calculated_price priceDefinition>price_definition payload parentId
        parent?order_line_item.parentId type -order?order.orderId orderDeliveryPositions* cover?media.coverId
        children*order_line_item/parentId -product?product.productId -orderTransactionCaptureRefundPositions* states
        downloads* -promotion?promotion.promotionId orderVersionId= productVersionId= parentVersionId= customFields
        id""",
        versioned=True,
    ),
    entity(
        "order_transaction",
        """orderId orderVersionId= paymentMethodId amount>calculated_price paymentMethod?payment_method.paymentMethodId
        -order?order.orderId stateMachineState?state_machine_state.stateId stateId
        captures*order_transaction_capture/orderTransactionId validationData customFields id""",
        versioned=True,
        indexed="createdAt updatedAt",
    ),
    entity(
        "order_transaction_capture",
        """orderTransactionId orderTransactionVersionId= externalReference amount>calculated_price
        transaction?order_transaction.orderTransactionId stateMachineState?state_machine_state.stateId stateId
        refunds*order_transaction_capture_refund/captureId customFields id""",
        versioned=True,
    ),
    entity(
        "order_transaction_capture_refund",
        """captureId captureVersionId= externalReference reason amount>calculated_price
        transactionCapture?order_transaction_capture.captureId stateMachineState?state_machine_state.stateId stateId
        positions* customFields id""",
        versioned=True,
    ),
    entity(
        "state_machine_history",
        """stateMachineId stateMachine?state_machine.stateMachineId entityName referencedId referencedVersionId
        fromStateId fromStateMachineState?state_machine_state.fromStateId toStateId
        toStateMachineState?state_machine_state.toStateId transitionActionName userId user? integrationId integration?
        customFields id""",
        indexed="createdAt referencedId",
    ),
    entity(
        "state_machine_state",
        """name technicalName -stateMachineId -stateMachine?state_machine.stateMachineId -fromStateMachineTransitions*
        -toStateMachineTransitions* -translations* -orders* -orderTransactionCaptures*
        -orderTransactionCaptureRefunds* -orderTransactions* -orderDeliveries* -fromStateMachineHistoryEntries*
        -toStateMachineHistoryEntries* customFields -id""",
        translated="name customFields",
    ),
    entity(
        "state_machine",
        """technicalName name transitions* states*state_machine_state/stateMachineId initialStateId translations*
        historyEntries* customFields id""",
        translated="name customFields",
    ),
    entity("tag", "name products* media* categories* customers* orders* id"),
)
