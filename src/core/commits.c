#include "core/commits.h"

#include <stddef.h>

void commits_init(struct commits *commits)
{
    pthread_mutex_init(&commits->lock, NULL);
    commits->first = NULL;
}

void commits_finish(struct commits *commits)
{
    pthread_mutex_destroy(&commits->lock);
}

void commits_join(struct commits *commits, struct commit_listener *listener)
{
    pthread_mutex_lock(&commits->lock);
    listener->next = commits->first;
    commits->first = listener;
    pthread_mutex_unlock(&commits->lock);
}

void commits_leave(struct commits *commits, struct commit_listener *listener)
{
    pthread_mutex_lock(&commits->lock);
    struct commit_listener **link = &commits->first;
    while (*link != NULL && *link != listener)
        link = &(*link)->next;
    if (*link != NULL)
        *link = listener->next;
    pthread_mutex_unlock(&commits->lock);
}

void commits_tell(struct commits *commits)
{
    pthread_mutex_lock(&commits->lock);
    for (struct commit_listener *l = commits->first; l != NULL; l = l->next)
        l->committed(l->arg);
    pthread_mutex_unlock(&commits->lock);
}
