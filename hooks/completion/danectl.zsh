#compdef danectl
# Completion for zsh. danectl itself knows what may come next, and reads the words up to the cursor.

local -a candidates
local word about files=
while IFS=$'\t' read -r word about; do
  if [[ $word == / ]]; then
    files=yes
  else
    candidates+=("${word//:/\\:}${about:+:$about}")
  fi
done < <(danectl __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)

(( ${#candidates} )) && _describe danectl candidates
[[ -z $files ]] || _files
