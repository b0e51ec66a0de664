// The one bundle of the mail editor; loaded when a composer is opened, never before.
export { Editor } from "@tiptap/core"
export { default as Image } from "@tiptap/extension-image"
export { Placeholder } from "@tiptap/extensions"
export { default as StarterKit } from "@tiptap/starter-kit"
