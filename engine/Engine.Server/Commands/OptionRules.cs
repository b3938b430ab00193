using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Engine.Server.Commands;

/// <summary>What options refuse that would otherwise change nothing, or something else, in silence.</summary>
internal static class OptionRules
{
    /// <summary>
    /// Refuses whole numbers below 1. A request cannot tell 0 from nothing: on the command line 0 was given.
    /// </summary>
    public static void RefuseBelowOne(OptionResult given)
    {
        if (given.Tokens.Count > 0
            && long.TryParse(given.Tokens[0].Value, CultureInfo.InvariantCulture, out var number) && number < 1)
        {
            given.AddError(string.Create(
                CultureInfo.InvariantCulture, $"found {given.Option.Name} {number}; expected 1 or more."));
        }
    }

    /// <summary>
    /// Refuses an empty text as the value of an option of a command and of all commands below it: a script's variable
    /// that is not set would ask for all. A user may be empty, beside recent behavior.
    /// </summary>
    public static void RefuseEmpty(Command command)
    {
        foreach (var option in command.Options.Where(
            option => option.ValueType == typeof(string) || option.ValueType == typeof(string[])))
        {
            option.Validators.Add(given =>
            {
                if (option.Name != "--user" && given.Tokens.Any(token => token.Value.Length == 0))
                {
                    given.AddError($"found {option.Name} without a value (''). Give one, or leave {option.Name} out.");
                }
            });
        }

        foreach (var inner in command.Subcommands)
        {
            RefuseEmpty(inner);
        }
    }

    /// <summary>Refuses an option without any of those that it belongs to.</summary>
    public static void Need(this Option option, params Option[] owners) =>
        option.Validators.Add(given =>
        {
            if (!given.Implicit && !owners.Any(owner => IsGiven(given, owner)))
            {
                given.AddError(
                    $"found {option.Name} without {string.Join(" or ", owners.Select(owner => owner.Name))}; it would "
                    + $"change nothing. Give one, or leave {option.Name} out.");
            }
        });

    /// <summary>Refuses two or more options of which one alone counts.</summary>
    public static void AllowOneOf(this Command command, params Option[] options) =>
        command.Validators.Add(given =>
        {
            if (options.Where(option => IsGiven(given, option)).Select(option => option.Name).ToList()
                is { Count: > 1 } several)
            {
                given.AddError($"found {string.Join(" and ", several)}; expected one of them.");
            }
        });

    private static bool IsGiven(SymbolResult given, Option option) =>
        given.GetResult(option) is { Implicit: false };
}
