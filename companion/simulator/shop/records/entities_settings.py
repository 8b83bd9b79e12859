"""The fields of what a shop is set up with: channels, languages, currencies, countries, payment and shipping.

Source: Admin API and webhooks observed on 6.6.7.1.
"""

from companion.simulator.shop.records.entity import entity

SETTINGS = (
    entity(
        "sales_channel",
        """typeId languageId currencyId paymentMethodId shippingMethodId countryId navigationCategoryId
        navigationCategoryVersionId= navigationCategoryDepth homeSlotConfig homeCmsPageId homeCmsPageVersionId
        homeCmsPage? homeEnabled homeName homeMetaTitle homeMetaDescription homeKeywords footerCategoryId
        footerCategoryVersionId serviceCategoryId serviceCategoryVersionId name shortName accessKey currencies*
        languages* configuration active maintenance maintenanceIpWhitelist taxCalculationType type?
        currency?currency.currencyId language?language.languageId paymentMethod?payment_method.paymentMethodId
        shippingMethod?shipping_method.shippingMethodId country?country.countryId orders* customers* countries*
        paymentMethods* shippingMethods* translations* domains*sales_channel_domain/salesChannelId systemConfigs*
        navigationCategory?category.navigationCategoryId footerCategory? serviceCategory? productVisibilities*
        mailHeaderFooterId numberRangeSalesChannels* mailHeaderFooter? customerGroupId
        customerGroup?customer_group.customerGroupId newsletterRecipients* promotionSalesChannels*
        documentBaseConfigSalesChannels* productReviews* seoUrls* seoUrlTemplates* mainCategories* paymentMethodIds
        productExports* hreflangActive hreflangDefaultDomainId hreflangDefaultDomain? analyticsId analytics?
        customerGroupsRegistrations* boundCustomers* wishlists* landingPages* customFields id""",
        translated="""name customFields homeSlotConfig homeEnabled homeName homeMetaTitle homeMetaDescription
        homeKeywords""",
    ),
    entity(
        "sales_channel_domain",
        """url@ currencyId currency?currency.currencyId snippetSetId snippetSet? salesChannelId
        salesChannel?sales_channel.salesChannelId languageId language?language.languageId productExports*
        salesChannelDefaultHreflang? hreflangUseOnlyLocale customFields id""",
    ),
    entity(
        "language",
        """parentId localeId translationCodeId translationCode? name locale?locale.localeId parent? children*
        -salesChannels* -customers* -salesChannelDefaultAssignments* -categoryTranslations* -countryStateTranslations*
        -countryTranslations* -currencyTranslations* -customerGroupTranslations* -localeTranslations*
        -mediaTranslations* -paymentMethodTranslations* -productManufacturerTranslations* -productTranslations*
        -shippingMethodTranslations* -unitTranslations* -propertyGroupTranslations* -propertyGroupOptionTranslations*
        -salesChannelTranslations* -salesChannelTypeTranslations* -salutationTranslations* -salesChannelDomains*
        -pluginTranslations* -productStreamTranslations* -stateMachineTranslations* -stateMachineStateTranslations*
        -cmsPageTranslations* -cmsSlotTranslations* -mailTemplateTranslations* -mailHeaderFooterTranslations*
        -documentTypeTranslations* -deliveryTimeTranslations* -newsletterRecipients* -orders*
        -numberRangeTypeTranslations* -productSearchKeywords* -productKeywordDictionaries*
        -mailTemplateTypeTranslations* -promotionTranslations* -numberRangeTranslations* -productReviews*
        -seoUrlTranslations* -taxRuleTypeTranslations* -productCrossSellingTranslations*
        -importExportProfileTranslations* -productFeatureSetTranslations* -appTranslations* -actionButtonTranslations*
        -productSortingTranslations* -productSearchConfig? -landingPageTranslations* -appCmsBlockTranslations*
        -appScriptConditionTranslations* -appFlowActionTranslations* -taxProviderTranslations* customFields id""",
    ),
    entity(
        "locale",
        "code name territory -translations* -users* -languages* customFields id",
        translated="name territory customFields",
    ),
    entity(
        "currency",
        """isoCode factor symbol shortName name position -translations* -orders* -salesChannels*
        -salesChannelDefaultAssignments* -salesChannelDomains* -promotionDiscountPrices* isSystemDefault
        -productExports* -countryRoundings* itemRounding>rounding totalRounding>rounding taxFreeFrom customFields id""",
        translated="shortName name customFields",
    ),
    entity(
        "country",
        """name iso position active shippingAvailable iso3 displayStateInRegistration forceStateInRegistration
        checkVatIdPattern vatIdPattern vatIdRequired customerTax>tax_free companyTax>tax_free
        states*country_state/countryId translations* -orderAddresses* -customerAddresses*
        -salesChannelDefaultAssignments* -salesChannels* -taxRules* -currencyCountryRoundings* postalCodeRequired isEu
        checkPostalCodePattern checkAdvancedPostalCodePattern advancedPostalCodePattern defaultPostalCodePattern
        addressFormat customFields id""",
        translated="name customFields addressFormat",
    ),
    entity(
        "country_state",
        """countryId shortCode name position active country?country.countryId translations* -customerAddresses*
        -orderAddresses* -taxRules* customFields id""",
        translated="name customFields",
    ),
    entity(
        "payment_method",
        """-pluginId -handlerIdentifier name distinguishableName description position active afterOrderEnabled
        -plugin? translations* -orderTransactions* -customers* -salesChannelDefaultAssignments* -salesChannels*
        -availabilityRule? -availabilityRuleId mediaId media?media.mediaId -formattedHandlerIdentifier shortName
        technicalName -appPaymentMethod? synchronous asynchronous prepared refundable recurring customFields id""",
        translated="name distinguishableName description customFields",
    ),
    entity(
        "shipping_method",
        """name active position description trackingUrl deliveryTimeId !deliveryTime?delivery_time.deliveryTimeId
        translations* -orderDeliveries* -salesChannelDefaultAssignments* -salesChannels* availabilityRule?
        -availabilityRuleId !prices* mediaId -taxId media?media.mediaId tags* taxType technicalName tax?tax.taxId
        -appShippingMethod? customFields id""",
        translated="name customFields description trackingUrl",
    ),
    entity(
        "custom_field",
        """name type config active -customFieldSetId -customFieldSet? -productSearchConfigFields* allowCustomerWrite
        allowCartExpose id""",
        indexed="name",
    ),
    entity(
        "delivery_time",
        "name min max unit -shippingMethods* -translations* -products* customFields id",
        translated="name customFields",
    ),
)
