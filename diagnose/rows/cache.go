package rows

import (
	"container/list"
	"sync"
)

// cache keeps what was used last within a bound of bytes. The zero value with a limit is ready; it is safe for
// concurrent use.
type cache[K comparable, V any] struct {
	limit int64

	mu    sync.Mutex
	size  int64
	items map[K]*list.Element
	order list.List // of *item[K, V], the latest first
}

type item[K comparable, V any] struct {
	key   K
	value V
	size  int64
}

func (c *cache[K, V]) get(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.items[key]
	if e == nil {
		return value, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*item[K, V]).value, true
}

func (c *cache[K, V]) put(key K, value V, size int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.items == nil {
		c.items = make(map[K]*list.Element)
	}
	if old := c.items[key]; old != nil {
		c.remove(old)
	}
	c.items[key] = c.order.PushFront(&item[K, V]{key, value, size})
	for c.size += size; c.size > c.limit && c.order.Len() > 1; {
		c.remove(c.order.Back())
	}
}

func (c *cache[K, V]) remove(e *list.Element) {
	i := e.Value.(*item[K, V])
	delete(c.items, i.key)
	c.order.Remove(e)
	c.size -= i.size
}
