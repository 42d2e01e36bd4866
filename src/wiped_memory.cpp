// Memory is wiped when it is freed, so that no private key stays behind in it: a key passes through strings of many
// owners, in libraries too, and here none of them can forget it. OpenSSL's own memory is wiped by OpenSSL.
#include <cstdlib>
#include <new>

#include <malloc.h>
#include <string.h>

// The other forms of new and delete, but those for special alignments, call these ([new.delete]).
void* operator new(std::size_t size) {
  if (void* const memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  if (memory == nullptr) return;
  explicit_bzero(memory, malloc_usable_size(memory));
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*size*/) noexcept {
  operator delete(memory);
}
