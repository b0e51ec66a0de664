// The one bundle of the mail editor; loaded when a composer is opened, never before.
export { Editor, Node, mergeAttributes } from "@tiptap/core"
export { default as Image } from "@tiptap/extension-image"
export { Placeholder } from "@tiptap/extensions"
export { default as StarterKit } from "@tiptap/starter-kit"
