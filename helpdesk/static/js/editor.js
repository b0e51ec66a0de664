// The rich text editor. Loaded when a composer is first used; without it the plain field works.
import { Editor, Image, Node, Placeholder, StarterKit, mergeAttributes } from "temas/vendor/editor"
import { say } from "temas/words"

// Somebody who is named: a reference (agent:5, team:2), with the name as it was then.
const Mention = Node.create({
  name: "mention", group: "inline", inline: true, atom: true, selectable: false,
  addAttributes: () => ({
    ref: { parseHTML: place => place.dataset.mention, renderHTML: ({ ref }) => ({ "data-mention": ref }) },
    name: { parseHTML: place => place.textContent.replace(/^@/, ""), renderHTML: () => ({}) },
  }),
  parseHTML: () => [{ tag: "span[data-mention]" }],
  renderHTML: ({ node, HTMLAttributes }) => ["span", mergeAttributes(HTMLAttributes), `@${node.attrs.name}`],
  renderText: ({ node }) => `@${node.attrs.name}`,
})

export function make(place, content, { label, changed }) {
  return new Editor({
    element: place,
    content,
    injectCSS: false, // the policy allows no style elements; inbox.css has what is needed
    extensions: [
      StarterKit.configure({ heading: { levels: [2, 3] }, link: { openOnClick: false } }),
      Image.configure({ inline: true }),
      Mention,
      Placeholder.configure({ placeholder: () => place.dataset.placeholder ?? "" }),
    ],
    editorProps: { attributes: { class: "prose", role: "textbox", "aria-multiline": "true", "aria-label": label, dir: "auto" } },
    onUpdate: changed,
  })
}

export function format(editor, mark) {
  const chain = editor?.chain().focus()
  const run = {
    bold: () => chain.toggleBold(), italic: () => chain.toggleItalic(), list: () => chain.toggleBulletList(),
    ordered: () => chain.toggleOrderedList(), quote: () => chain.toggleBlockquote(), link: () => link(editor, chain),
  }[mark]
  run?.()?.run()
}

function link(editor, chain) {
  if (editor.isActive("link")) return chain.unsetLink()
  const href = prompt(say("linkPrompt"), "https://")
  return href ? chain.extendMarkRange("link").setLink({ href }) : null
}
