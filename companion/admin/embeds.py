"""What is copied into a theme: a slot for each platform, a single form, a frame. Text only; nothing is looked up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Embed:
    """Something to copy: for which platform, where it goes, and the text."""

    platform: str
    where: str
    text: str


def slot(name: str, service_url: str, store_key: str) -> list[Embed]:
    """A slot on every platform."""
    element = f'<div data-companion-form="{name}"></div>'
    return [
        Embed(
            "Shopware",
            "In your theme or app: Resources/views/storefront/layout/footer/footer.html.twig, or any other block.",
            "{% sw_extends '@Storefront/storefront/layout/footer/footer.html.twig' %}\n\n"
            f"{{% block layout_footer_navigation %}}\n    {element}\n    {{{{ parent() }}}}\n{{% endblock %}}",
        ),
        Embed(
            "Neto",
            "In the theme's footer template, or under Settings & tools, Custom Scripts, tab Page Footer.",
            element,
        ),
        Embed("SuiteCommerce", "In a template of your theme or extension (.tpl), e.g. footer.tpl.", element),
        Embed(
            "Any site",
            "Where the form shall stand; the text stays where Klaviyo is blocked. The script once on every page.",
            f'<div data-companion-form="{name}">\n  <a href="/newsletter">Our newsletter</a>\n</div>\n'
            f'<script src="{service_url}/snippets/v1/{store_key}/companion.js" async></script>',
        ),
    ]


def form(form_id: str, name: str, service_url: str, store_key: str) -> list[Embed]:
    """One form, for good: without a choice in the admin."""
    title = name.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return [
        Embed("Any theme", "Always this form, whatever is chosen here.", f'<div class="klaviyo-form-{form_id}"></div>'),
        Embed(
            "A frame",
            "Where a page allows frames but no scripts. Only on the domains below.",
            f'<iframe src="{service_url}/forms/{store_key}/{form_id}" title="{title}" '
            'width="100%" height="420" style="border:0"></iframe>',
        ),
    ]
