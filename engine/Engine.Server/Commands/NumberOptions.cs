using System.CommandLine;

namespace Engine.Server.Commands;

/// <summary>
/// Options whose values are numbers with decimals. The parser of the command line takes a comma for a thousands
/// separator: 0,5 would be 5.
/// </summary>
public static class NumberOptions
{
    /// <summary>Refuses commas in the numbers of a command and of all commands below it.</summary>
    public static void RefuseCommas(Command command)
    {
        foreach (var option in command.Options)
        {
            var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
            if (type == typeof(double) || type == typeof(float) || type == typeof(decimal))
            {
                option.Validators.Insert(0, result =>
                {
                    foreach (var token in result.Tokens.Where(token => token.Value.Contains(',')))
                    {
                        result.AddError(
                            $"found '{token.Value}' as {option.Name}; expected a number with a decimal point and "
                            + "without thousands separators, such as 0.5");
                    }
                });
            }
        }

        foreach (var inner in command.Subcommands)
        {
            RefuseCommas(inner);
        }
    }
}
