"use strict";
const search = document.getElementById("search");
const status = document.getElementById("status");
const rows = [...document.querySelectorAll("table.results tr[data-status]")];  // not those of tables in them
function show() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = (status.value && row.dataset.status !== status.value) || !words.every((word) => text.includes(word));
    }
}
search.addEventListener("input", show);
status.addEventListener("input", show);
document.getElementById("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.classList.contains("dark")
        || (!root.classList.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches);
    root.classList.toggle("dark", !isDark);
    root.classList.toggle("light", isDark);
});
