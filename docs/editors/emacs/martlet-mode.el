;;; martlet-mode.el --- Rules of Martlet  -*- lexical-binding: t; -*-
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:
;; Colours, and `martlet lsp' by way of eglot (Emacs 29 or later).  Put this file on the
;; `load-path', and (require 'martlet-mode) into the init file.

;;; Code:

(require 'eglot)

(defconst martlet-font-lock-keywords
  `((,(rx line-start (* space) (group (or "event" "table" "let" "rule" "test")) (+ space)
          (group (+ (any "A-Za-z0-9_"))))
     (1 font-lock-keyword-face) (2 font-lock-function-name-face))
    (,(rx symbol-start (group "as") (+ space) (group (+ (any "A-Za-z0-9_"))))
     (1 font-lock-keyword-face) (2 font-lock-variable-name-face))
    (,(rx symbol-start
          (or "severity" "tags" "labels" "disabled" "by" "keys" "from" "when" "within" "over"
              "having" "reset" "on" "skip" "attempts" "suppress" "per" "limit" "resolve" "except"
              "alert" "emit" "then" "next" "each" "but" "no" "until" "where" "after" "for" "in"
              "and" "or" "not" "at" "least" "all" "any" "of" "times" "optional" "consecutive"
              "distinct" "case" "given" "replay" "restart" "expect")
          symbol-end)
     . font-lock-keyword-face)))

;;;###autoload
(define-derived-mode martlet-mode prog-mode "Martlet"
  "Major mode for rules of Martlet."
  (setq-local comment-start "// ")
  (setq-local comment-end "")
  (setq-local indent-tabs-mode nil)
  (setq-local tab-width 2)
  (modify-syntax-entry ?/ ". 12" martlet-mode-syntax-table)
  (modify-syntax-entry ?\n ">" martlet-mode-syntax-table)
  (modify-syntax-entry ?_ "w" martlet-mode-syntax-table)
  (setq font-lock-defaults '(martlet-font-lock-keywords)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.martlet\\'" . martlet-mode))
(add-to-list 'eglot-server-programs '(martlet-mode . ("martlet" "lsp")))
(add-hook 'martlet-mode-hook #'eglot-ensure)

(provide 'martlet-mode)
;;; martlet-mode.el ends here
