# Completion for bash. danectl itself knows what may come next, and reads the words up to the cursor.

_danectl() {
  local words=() word candidate begun
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    # bash takes `--format=json` apart.
    if [[ ${#words[@]} -gt 0 && ($word == '=' || ${words[-1]} == --*=) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
  done
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    if [[ $candidate == / ]]; then
      compopt -o default
      continue
    fi
    # Of `--format=json` bash replaces what is after the `=`.
    begun=${words[-1]-}
    [[ $begun != --*=* ]] || candidate=${candidate#*=}
    COMPREPLY+=("$candidate")
  done < <(danectl __complete "${words[@]}" 2>/dev/null)
}

complete -F _danectl danectl
