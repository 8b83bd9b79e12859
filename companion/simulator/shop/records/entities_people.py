"""The fields of customers and newsletter recipients, in the order the API shows them.

Of a recipient a webhook shows nothing but its id and its dates.
Source: Admin API and webhooks observed on 6.6.7.1.
"""

from companion.simulator.shop.records.entity import entity

PEOPLE = (
    entity(
        "customer",
        """groupId defaultPaymentMethodId salesChannelId languageId lastPaymentMethodId defaultBillingAddressId
        defaultShippingAddressId customerNumber salutationId firstName lastName company email title vatIds
        affiliateCode campaignCode active doubleOptInRegistration doubleOptInEmailSentDate doubleOptInConfirmDate hash
        guest firstLogin lastLogin accountType birthday lastOrderDate orderCount orderTotalAmount reviewCount
        group?customer_group.groupId defaultPaymentMethod?payment_method.defaultPaymentMethodId
        -salesChannel?sales_channel.salesChannelId language?language.languageId
        lastPaymentMethod?payment_method.lastPaymentMethodId salutation?salutation.salutationId
        defaultBillingAddress?customer_address.defaultBillingAddressId
        defaultShippingAddress?customer_address.defaultShippingAddressId +activeBillingAddress? +activeShippingAddress?
        addresses*customer_address/customerId -orderCustomers*order_customer/customerId -autoIncrement
        tags*tag.tagIds tagIds -promotions* -recoveryCustomer? -productReviews* -remoteAddress -requestedGroupId
        -requestedGroup? -boundSalesChannelId -boundSalesChannel? -wishlists* createdById -createdBy? updatedById
        -updatedBy? customFields id""",
        indexed="createdAt updatedAt email",
    ),
    entity(
        "customer_address",
        """customerId countryId countryStateId salutationId firstName lastName zipcode city company department title
        street phoneNumber additionalAddressLine1 additionalAddressLine2 country?country.countryId
        countryState?country_state.countryStateId salutation?salutation.salutationId -customer?customer.customerId
        customFields id""",
    ),
    entity(
        "customer_group",
        """name displayGross translations* customers* salesChannels* registrationActive registrationTitle
        registrationIntroduction registrationOnlyCompanyRegistration registrationSeoMetaDescription
        registrationSalesChannels* customFields id""",
        translated="""name customFields registrationTitle registrationIntroduction
        registrationOnlyCompanyRegistration registrationSeoMetaDescription""",
    ),
    entity(
        "newsletter_recipient",
        """-email -title -firstName -lastName -zipCode -city -street -status -hash -salutationId
        -salutation?salutation.salutationId -languageId -language?language.languageId -salesChannelId
        -salesChannel?sales_channel.salesChannelId -confirmedAt -tags*tag.tagIds -customFields -id""",
        indexed="createdAt updatedAt email",
    ),
    entity(
        "salutation",
        """salutationKey displayName letterName -translations* -customers* -customerAddresses* -orderCustomers*
        -orderAddresses* -newsletterRecipients* customFields id""",
        translated="displayName letterName customFields",
    ),
)
