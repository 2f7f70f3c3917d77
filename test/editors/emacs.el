;; What a person does in Emacs with Eglot, step by step; what was seen goes to the file that TUTTI_SEEN names, as JSON.
(require 'json)
(require 'flymake)
(defvar seen nil)
(defun note (key value) (push (cons key value) seen))
(defun finish ()
  (with-temp-file (getenv "TUTTI_SEEN") (insert (json-encode seen)))
  (let ((kill-emacs-hook nil)) (kill-emacs 0)))
(defun wait (what fits)
  (message "waits for %s" what)
  (let ((left 400))
    (while (not (funcall fits))
      (when (= 0 (setq left (1- left))) (error "waited for %s" what))
      (accept-process-output nil 0.05))))
;; In batch nobody is idle: what Eglot tells after a pause is told as soon as something is waited for.
(defun told () (eglot--signal-textDocument/didChange))

;; Menus and questions: the person takes the first that fits.
(defvar wanted '("fix" "^Yes$"))
(defvar asked nil)
(advice-add 'completing-read :override
  (lambda (prompt choices &rest _)
    (push (format "%s" prompt) asked)
    (let ((titles (mapcar (lambda (one) (if (consp one) (car one) one)) choices)))
      (or (seq-some (lambda (pattern) (seq-find (lambda (title) (string-match-p pattern title)) titles)) wanted)
          (error "nothing fits %S in %S" wanted titles)))))

(condition-case problem
    (progn
      (find-file (getenv "TUTTI_FILE"))
      (prog-mode)
      (apply #'eglot--connect (eglot--guess-contact))
      (wait "the server" #'eglot-current-server)
      (unless eglot--managed-mode (eglot--maybe-activate-editing-mode))
      (goto-char (point-min))
      (forward-line 1)
      (insert "// not saved\n")
      (told)
      (eglot-execute-command (eglot-current-server) 'tutti.review
                             (vector (list :uri (eglot--path-to-uri buffer-file-name))))
      (wait "a finding" (lambda () (flymake-start) (flymake-diagnostics)))
      (note "finding" (flymake-diagnostic-text (car (flymake-diagnostics))))
      (goto-char (point-min))
      (eglot-code-actions (point-min) (line-end-position) "quickfix" t)
      (wait "the edit" (lambda () (told) (string-match-p "const a" (buffer-string))))
      (note "text" (buffer-string))
      (note "modified" (if (buffer-modified-p) t :json-false))
      (tutti "say hello")
      (wait "a failure that is told"
            (lambda () (told) (with-current-buffer (messages-buffer) (string-match-p "key" (buffer-string))))))
  (error (note "problem" (format "%S" problem))))
(note "asked" (vconcat asked))
(finish)
