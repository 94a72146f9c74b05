// Every page's own script: says that scripts run, then starts the components of govuk-frontend that the page holds.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
const look = document.querySelector("script[data-look]").dataset.look;
const { initAll } = await import(look);
initAll();
// What htmx puts into a page has components too.
document.body.addEventListener("htmx:afterSwap", (event) => initAll({ scope: event.target }));
