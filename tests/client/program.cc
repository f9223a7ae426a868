// A C++ program that reports, as it would stand outside this project.
#include <bzctrl.h>

#include <iostream>
#include <memory>
#include <string>

namespace {
struct Free {
    void operator()(bzctrl_answer *answer) const { bzctrl_answer_free(answer); }
    void operator()(bzctrl *client) const { bzctrl_close(client); }
    void operator()(bzctrl_draft *draft) const { bzctrl_draft_free(draft); }
};
using Answer = std::unique_ptr<bzctrl_answer, Free>;
}

int main(int, char **argv)
{
    bzctrl *opened = nullptr;
    Answer answer(bzctrl_open("prod", argv[1], &opened));
    std::unique_ptr<bzctrl, Free> client(opened);
    std::unique_ptr<bzctrl_draft, Free> draft(bzctrl_draft_new());
    for (auto &[member, text] : {std::pair{"todoType", "TASK"}, {"domainWorkSpace", "EXA-CON-BUS-WOR"},
                                 {"title", "C++"}, {"description", "D"}, {"orderID", "O"},
                                 {"reporter", "example@example.com"}})
        bzctrl_draft_add(draft.get(), member, text);
    if (bzctrl_answer_code(answer.get()) == BZCTRL_OK)
        answer.reset(bzctrl_report(client.get(), nullptr, nullptr, bzctrl_draft_json(draft.get()), 0));
    // It compiles as C++, with a function of its own type.
    Answer watched(bzctrl_watch(
        client.get(), "cc", nullptr, 0, 0, [](void *, const bzctrl_event *event) { return event->id[0] == 0 ? 1 : 0; }, nullptr));
    if (bzctrl_answer_code(watched.get()) != BZCTRL_OK)
        return bzctrl_answer_code(watched.get());
    std::cout << bzctrl_answer_link(answer.get()) << std::endl;
    return bzctrl_answer_code(answer.get());
}
