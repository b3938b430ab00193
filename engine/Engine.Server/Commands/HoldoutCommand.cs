using System.CommandLine;
using Engine.Protos.V1;
using Engine.Server.Contract;

namespace Engine.Server.Commands;

/// <summary>holdout: how many users to hold out, before a campaign is sent.</summary>
internal static class HoldoutCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var users = new Option<long>("--users") { Description = "Users of the audience.", Required = true };
        var rate = new Option<double>("--base-rate")
        {
            Description = "The share of users who buy without a message, for example 0.02.",
            Required = true,
        };
        var lift = new Option<double>("--lift")
        {
            Description = "What messages add to that share: 0.01 is one percentage point.",
            Required = true,
        };
        var power = new Option<double>("--power")
        {
            Description = "How often a campaign with this lift must show it, 0.5..0.99.",
            DefaultValueFactory = _ => 0.8,
        };
        var json = new Option<bool>("--json") { Description = "The reply as JSON, as the server gives it over HTTP." };
        var command = new Command("holdout", "How large a holdout must be to show a lift.")
        {
            users,
            rate,
            lift,
            power,
            json,
        };
        command.SetAction(parsed =>
        {
            var reply = LiftAnswers.Plan(new PlanHoldoutRequest
            {
                Users = parsed.GetRequiredValue(users),
                BaseRate = parsed.GetRequiredValue(rate),
                Lift = parsed.GetRequiredValue(lift),
                Power = parsed.GetRequiredValue(power),
            });
            Console.WriteLine(parsed.GetValue(json) ? JsonOutput.Format(reply) : reply.Advice);
        });
        return command;
    }
}
