# Completion for fish. danectl itself knows what may come next, and reads the words up to the cursor.

function __danectl_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (danectl __complete $words[2..-1] 2>/dev/null)
        if test "$line" = /
            __fish_complete_path (commandline -ct)
        else
            printf '%s\n' $line
        end
    end
end

complete -c danectl -f -a '(__danectl_complete)'
