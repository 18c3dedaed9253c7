// After a kernel restart the page is drawn but dead: one press runs in the new kernel what the session needs, and shows it in this place.

/**
 * The button, where the page can reach a kernel (JupyterLab and Notebook can); else nothing, and the words beside it say what to run.
 * @param {Model} model @param {Store} store @param {HTMLElement} place
 */
function reviveButton(model, store, place) {
  const { file = "", cells = [] } = store.get("revive") || {};
  const manager = /** @type {any} */ (model).widget_manager;
  if (!file || !manager?.kernel) return null;
  const said = make("span", { class: "tep-revive-said", role: "status" });
  const press = button("Resume this session", {
    class: "tep-go",
    title: `In the new kernel: ${[...cells, `%tep resume ${file}`].map((cell) => cell.split("\n", 1)[0]).join("; ")}`,
    onclick: async () => {
      disable(press, true);
      said.textContent = "resuming …";
      try {
        await revive(manager, [...cells, `%tep resume ${file}`, "%tep studio"], place);
      } catch (error) {
        said.textContent = `It could not be resumed: ${error instanceof Error ? error.message : error}. Mend that, or run the cell that defines what is missing, then press again.`;
        disable(press, false);
      }
    },
  });
  return make("span", { class: "tep-revive" }, press, said);
}

/**
 * Run cells in the kernel as it is now, and show the studio that the last one makes.
 * @param {any} manager @param {string[]} cells @param {HTMLElement} place
 */
async function revive(manager, cells, place) {
  let shown = "";
  for (const code of ["%load_ext tep_nb", ...cells]) shown = (await execute(manager.kernel, code)) || shown;
  if (!shown) throw new Error("no studio came back; run %tep studio");
  const made = await manager.get_model(shown);
  const view = await manager.create_view(made);
  place.replaceChildren(view.el);
  view.trigger?.("displayed");
  /** @type {HTMLElement | null} */ (view.el.querySelector(".tep"))?.focus({ preventScroll: true });
}

/**
 * Run one cell; the id of the widget that it shows, empty where it shows none.
 * @param {any} kernel @param {string} code
 * @returns {Promise<string>}
 */
async function execute(kernel, code) {
  if (!kernel) throw new Error("there is no kernel; start one");
  const running = kernel.requestExecute({ code, store_history: false, stop_on_error: true });
  let shown = "";
  running.onIOPub = (/** @type {any} */ message) => {
    const id = message.content?.data?.["application/vnd.jupyter.widget-view+json"]?.model_id;
    if (id) shown = id;
  };
  const { content } = await running.done;
  if (content.status !== "ok") throw new Error(content.evalue || content.status);
  return shown;
}
