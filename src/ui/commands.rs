//! The dialog with the commands that rules may run.

use egui::{ScrollArea, TextEdit, Ui};

use super::lang::Lang;
use super::widgets;
use crate::state::Action;

/// The commands are drafts: names and command lines.
pub(crate) fn commands_ui(ui: &Ui, lang: Lang, commands: &mut Vec<(String, String)>) -> Vec<Action> {
    let title = lang.alert_commands().trim_end_matches('…');
    widgets::dialog(ui, ("commands", title), Action::ShowCommands(false), |ui, actions| {
        ui.label(lang.alert_commands_text());
        ui.add_space(6.0);
        let (mut gone, mut changed) = (None, false);
        ScrollArea::vertical().max_height(320.0).auto_shrink([false, true]).show(ui, |ui| {
            for (n, (name, line)) in commands.iter_mut().enumerate() {
                widgets::from_the_right(ui, |ui| {
                    let remove = format!("{} {}", lang.rule_remove(), n + 1);
                    if widgets::close_button(ui, &remove, lang.rule_remove()) {
                        gone = Some(n);
                    }
                    widgets::from_the_left(ui, |ui| {
                        for (text, label, width) in
                            [(name, lang.command_name(), 140.0), (line, lang.command_line(), f32::INFINITY)]
                        {
                            let field =
                                ui.add(TextEdit::singleline(text).hint_text(label).desired_width(width));
                            let label = format!("{label} {}", n + 1);
                            changed |= widgets::named_field(field, text, &label, &label).changed();
                        }
                    });
                });
            }
        });
        if let Some(n) = gone.filter(|n| *n < commands.len()) {
            commands.remove(n);
            changed = true;
        }
        actions.extend(changed.then_some(Action::SetCommands));
        ui.add_space(6.0);
        if widgets::button(ui, lang.command_new(), lang.command_new_tip()) {
            commands.push((String::new(), String::new()));
        }
        let words = (lang.close_list(), lang.close_list_tip());
        widgets::ends(ui, widgets::ENTER, None, (words, Action::ShowCommands(false)), actions);
    })
}
