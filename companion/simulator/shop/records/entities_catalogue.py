"""The fields of products and of what describes them, of promotions and media, in the order the API shows them.

`assignedCategoryIds` and the like are this shop's own: what a record was given itself, without its parent's.
Source: Admin API observed on 6.6.7.1.
"""

from companion.simulator.shop.records.entity import entity

CATALOGUE = (
    entity(
        "product",
        """parentId childCount autoIncrement taxId manufacturerId unitId active displayGroup price>price+
        manufacturerNumber ean sales productNumber stock availableStock available deliveryTimeId
        deliveryTime?delivery_time.deliveryTimeId restockTime isCloseout purchaseSteps maxPurchase minPurchase
        purchaseUnit referenceUnit shippingFree purchasePrices markAsTopseller weight width height length releaseDate
        categoryTree streamIds optionIds propertyIds name keywords description metaDescription metaTitle packUnit
        packUnitPlural variantRestrictions variantListingConfig variation !tax?tax.taxId
        manufacturer?product_manufacturer.manufacturerId unit? !prices* cover?product_media.coverId
        parent?product.parentId children*product/parentId media*product_media/productId cmsPageId cmsPage? slotConfig
        searchKeywords* translations*product_translation/productId
        categories*category.assignedCategoryIds customFieldSets* tags*tag.tagIds
        properties*property_group_option.assignedPropertyIds options*property_group_option.optionIds
        configuratorSettings* categoriesRo* coverId visibilities*product_visibility/productId tagIds categoryIds
        productReviews* ratingAverage mainCategories* seoUrls*seo_url/foreignKey orderLineItems* crossSellings*
        crossSellingAssignedProducts* featureSetId featureSet? customFieldSetSelectionActive customSearchKeywords
        wishlists* canonicalProductId canonicalProduct? streams* downloads* states customFields id""",
        translated="""metaDescription name keywords description metaTitle packUnit packUnitPlural customFields
        slotConfig customSearchKeywords""",
        versioned=True,
        indexed="createdAt updatedAt productNumber",
    ),
    entity(
        "product_translation",
        """languageId language?language.languageId productId productVersionId= metaDescription name keywords
        description metaTitle packUnit packUnitPlural product?product.productId slotConfig customSearchKeywords
        customFields""",
    ),
    entity(
        "product_manufacturer",
        "mediaId name link description media?media.mediaId translations* products* customFields id",
        translated="name description customFields",
        versioned=True,
    ),
    entity(
        "product_media",
        "productId mediaId position media?media.mediaId product?product.productId coverProducts* customFields id",
        versioned=True,
    ),
    entity(
        "product_visibility",
        "visibility productId salesChannelId product?product.productId salesChannel?sales_channel.salesChannelId id",
    ),
    entity(
        "category",
        """afterCategoryId parentId autoIncrement mediaId name breadcrumb path level active childCount
        visibleChildCount displayNestedProducts parent?category.parentId children*category/parentId translations*
        media?media.mediaId products* nestedProducts* tags* cmsPageId cmsPageIdSwitched cmsPage? productStreamId
        productStream? slotConfig navigationSalesChannels* footerSalesChannels* serviceSalesChannels* linkType
        linkNewTab internalLink externalLink visible type productAssignmentType description metaTitle metaDescription
        keywords mainCategories* seoUrls*seo_url/foreignKey customEntityTypeId customFields id""",
        translated="""breadcrumb name customFields slotConfig linkType internalLink externalLink linkNewTab
        description metaTitle metaDescription keywords""",
        versioned=True,
    ),
    entity(
        "seo_url",
        """salesChannelId languageId routeName foreignKey pathInfo seoPathInfo isCanonical isModified isDeleted
        salesChannel?sales_channel.salesChannelId language?language.languageId url error customFields id""",
        indexed="seoPathInfo",
    ),
    entity(
        "property_group",
        """name displayType sortingType description position filterable visibleOnProductDetailPage
        options*property_group_option/groupId translations* customFields id""",
        translated="name description position customFields",
    ),
    entity(
        "property_group_option",
        """groupId name position colorHexCode mediaId group?property_group.groupId translations*
        productConfiguratorSettings* productProperties* productOptions* media?media.mediaId customFields id""",
        translated="name position customFields",
    ),
    entity("tax", "taxRate name position products* rules* shippingMethods* customFields id"),
    entity(
        "media",
        """-userId mimeType fileExtension fileSize title metaData -mediaType>media_type_IMAGE uploadedAt alt url@
        fileName -user? translations* -categories* -productManufacturers* -productMedia* -avatarUsers*
        !thumbnails*media_thumbnail/mediaId -mediaFolderId -mediaFolder? hasFile private -propertyGroupOptions*
        -mailTemplateMedia* -tags* path -documentBaseConfigs* -shippingMethods* -paymentMethods*
        -productConfiguratorSettings* -orderLineItems* -cmsBlocks* -cmsSections* -cmsPages* -documents*
        -appPaymentMethods* -appShippingMethods* -productDownloads* -orderLineItemDownloads* config customFields id""",
        translated="alt title customFields",
    ),
    entity("media_thumbnail", "path width height url@ mediaId -media?media.mediaId customFields id"),
    entity(
        "promotion",
        """name active validFrom validUntil maxRedemptionsGlobal maxRedemptionsPerCustomer priority exclusive useCodes
        useSetGroups customerRestriction preventCombination useIndividualCodes individualCodePattern salesChannels*
        code discounts*promotion_discount/promotionId individualCodes*promotion_individual_code/promotionId setgroups*
        orderRules* personaRules* personaCustomers* cartRules* orderLineItems* translations* orderCount
        ordersPerCustomerCount exclusionIds customFields id""",
        translated="name customFields",
    ),
    entity(
        "promotion_discount",
        """promotionId scope type value promotion?promotion.promotionId discountRules* considerAdvancedRules maxValue
        promotionDiscountPrices* sorterKey applierKey usageKey pickerKey id""",
    ),
    entity("promotion_individual_code", "promotionId code promotion?promotion.promotionId payload id"),
)
